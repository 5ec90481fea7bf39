/* The conversation and the steps, drawn from the state. */
import { byId, fill, imageOf, made, shared, signed, translated, ui } from "./api.js";

const label = (tool) => shared.tools[tool]?.label ?? tool;

const lines = []; // requests and answers that are no step, each with the number of steps before it
let steps = 0;

export function drawTurns(state, onGo) {
  byId("hello").hidden = state.turns.length + lines.length > 0;
  steps = state.turns.length;
  const turns = state.turns.map((turn, index) => drawTurn(turn, index + 1, state.length, onGo));
  for (const { after, item } of lines.toReversed()) turns.splice(after, 0, item);
  byId("turns").replaceChildren(...turns);
  byId("talk").scrollTop = byId("talk").scrollHeight;
}

function drawTurn(turn, number, length, onGo) {
  const item = made("li", number > length ? "undone" : "");
  if (turn.request) item.append(made("p", "said", turn.request));
  const did = made("div", "did");
  if (turn.by === "hand") did.append(made("span", "quiet", ui.by_hand));
  const changes = made("div", "changes");
  for (const one of turn.changes) {
    const value = one.from ? `${signed(one.from)} → ${signed(one.to)}` : signed(one.to);
    changes.append(made("div", "change", "", made("span", "", label(one.tool)), made("b", "", value)));
  }
  did.append(turn.changes.length ? changes : made("span", "quiet", ui.nothing_changed));
  for (const note of turn.notes) did.append(made("p", "quiet", translated(note)));
  if (turn.why) did.append(made("details", "", "", made("summary", "", ui.why), made("p", "", turn.why)));
  item.append(did);
  if (number !== length) item.append(goButton(ui.back_here, number, onGo));
  else if (number === 1) item.append(goButton(ui.back_original, 0, onGo));
  return item;
}

function goButton(text, length, onGo) {
  const button = made("button", "back", text);
  button.type = "button";
  button.addEventListener("click", () => onGo(length));
  return button;
}

/** Add a request and an answer that are no step: a problem, or the reasons. */
export function addLines(request, texts, isProblem) {
  const did = made("div", isProblem ? "did problem" : "did", "", ...texts.map((text) => made("p", "", translated(text))));
  const item = made("li", "", "", made("p", "said", request), did);
  lines.push({ after: steps, item });
  byId("hello").hidden = true;
  byId("turns").append(item);
  byId("talk").scrollTop = byId("talk").scrollHeight;
}

export function drawSteps(state, onRemove) {
  byId("no-steps").hidden = state.steps.length > 0;
  const items = state.steps.map((step) => drawStep(step, onRemove));
  byId("trace").replaceChildren(...items);
}

function drawStep(step, onRemove) {
  const tool = shared.tools[step.tool], image = made("img"), remove = made("button", "", ui.remove);
  image.src = imageOf(step.until, true);
  image.alt = fill(ui.step_alt, { tool: label(step.tool) });
  remove.type = "button";
  remove.setAttribute("aria-label", fill(ui.remove_step, { tool: label(step.tool) }));
  remove.addEventListener("click", () => onRemove(step.tool));
  const words = `${shared.texts.levels[step.level]}: ${step.value > 0 ? tool.plus : tool.minus}`;
  const title = made("strong", "", "", made("span", "", label(step.tool)), made("span", "value", signed(step.value)));
  return made("li", "", "", image, made("div", "", "", title, made("p", "quiet", words), remove));
}
