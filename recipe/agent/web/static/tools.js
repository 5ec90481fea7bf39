/* The sliders: they show the program, and set it. */
import { byId, shared, signed } from "./api.js";

const inputs = new Map([...document.querySelectorAll(".tool input")].map((one) => [one.name, one]));

export function program() {
  const moved = [...inputs].filter(([, one]) => Number(one.value));
  return Object.fromEntries(moved.map(([name, one]) => [name, Number(one.value)]));
}

export function setProgram(values) {
  for (const [name, one] of inputs) {
    one.value = values[name] ?? 0;
    mark(one);
  }
}

function mark(one) {
  const { low, high, minus, plus } = shared.tools[one.name], value = Number(one.value);
  const at = (number) => `${(100 * (number - low)) / (high - low)}%`;
  one.style.setProperty("--zero", at(0));
  one.style.setProperty("--at", at(value));
  one.setAttribute("aria-valuetext", value ? `${signed(value)}: ${value > 0 ? plus : minus}` : "0");
  one.title = value ? (value > 0 ? plus : minus) : "";
  const row = one.closest(".tool");
  row.classList.toggle("moved", value !== 0);
  row.querySelector(".value").textContent = signed(value);
}

/** Call onMove while a slider moves, onSet when it rests. */
export function listen(onMove, onSet) {
  for (const one of inputs.values()) {
    one.addEventListener("input", () => (mark(one), onMove()));
    one.addEventListener("change", onSet);
    const reset = () => ((one.value = 0), mark(one), onMove(), onSet());
    one.closest(".tool").querySelector(".value").addEventListener("click", reset);
  }
  byId("zero").addEventListener("click", () => (setProgram({}), onMove(), onSet()));
}
