/* The workplace: one state from the server, drawn by all parts. */
import { base, byId, fetched, post, Problem, tell, ui } from "./api.js";
import { addLines, drawSteps, drawTurns } from "./panel.js";
import { prepare } from "./saving.js";
import { hold, open, show } from "./stage.js";
import { select } from "./tabs.js";
import { listen, program, setProgram } from "./tools.js";

const REST = 500; // milliseconds without a move until the sliders are a step
const RETRY = 3000; // milliseconds until a step that did not reach the server is sent again
const request = byId("request"), status = byId("status");
let state, waiting = 0, asking = null;

function draw(next, preview = true) {
  state = next;
  setProgram(state.program);
  drawTurns(state, go);
  drawSteps(state, remove);
  byId("undo").disabled = !state.length;
  byId("redo").disabled = state.length === state.turns.length;
  if (preview) show(state.program);
}

/** Send the sliders' values, if they are not yet a step. */
async function settle() {
  if (!waiting) return;
  clearTimeout(waiting);
  waiting = 0;
  try {
    draw(await post("/program", { program: program() }, { keepalive: true }), false);
  } catch (problem) {
    if (problem.code === "network") waiting ||= setTimeout(sent, RETRY);
    throw problem;
  }
}

async function act(path, body) {
  try {
    await settle();
    draw(await post(path, body));
    tell(null);
  } catch (problem) {
    tell(problem);
  }
}

const go = (length) => act("/go", { length });
function remove(tool) {
  const { [tool]: _, ...rest } = state.program;
  act("/program", { program: rest });
}

async function ask(words) {
  if (!words.trim() || asking) return;
  const mine = (asking = new AbortController());
  busy(true);
  try {
    await settle();
    const answer = await post("/say", { request: words }, { signal: mine.signal });
    request.value = "";
    draw(answer);
    if (answer.answer.length) addLines(words, answer.answer, false);
    status.textContent = answer.answer.join(" ") || state.steps.map((one) => `${one.tool} ${one.value}`).join(", ");
  } catch (problem) {
    if (!mine.signal.aborted) {
      addLines(words, [problem.message], true);
      status.textContent = problem.message;
    }
  }
  if (asking === mine) busy(false);
}

function busy(on) {
  if (!on) asking = null;
  else status.textContent = ui.thinking;
  byId("sliders").disabled = on;
  byId("send").hidden = on;
  byId("stop").hidden = !on;
  request.readOnly = on;
  document.body.classList.toggle("asking", on);
}

function stop() {
  asking?.abort();
  busy(false);
  act("/go", { length: state.length }); // the answer, if one comes, is left out
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  select(byId("tab-talk"));
  ask(request.value);
});
document.querySelectorAll("[data-say]").forEach((one) => one.addEventListener("click", () => ask(one.dataset.say)));
byId("stop").addEventListener("click", stop);
byId("undo").addEventListener("click", () => go(state.length - 1));
byId("redo").addEventListener("click", () => go(state.length + 1));
const sent = () => settle().catch(tell);
listen(
  () => show(program()),
  () => {
    clearTimeout(waiting);
    waiting = setTimeout(sent, REST);
  },
);
addEventListener("pagehide", sent);

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=range]), select, dialog *");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
    event.preventDefault();
    byId(event.shiftKey ? "redo" : "undo").click();
  } else if (!typing && !event.ctrlKey && !event.metaKey && event.key === "/") {
    event.preventDefault();
    request.focus();
  } else if (!typing && event.key.toLowerCase() === "b") hold(true);
});
document.addEventListener("keyup", (event) => event.key.toLowerCase() === "b" && hold(false));

try {
  const first = await (await fetched(`${base}/state`)).json();
  open(first.photo);
  byId("file").textContent = `${first.photo.name}, ${first.photo.width} × ${first.photo.height}`;
  prepare(first.photo, settle);
  draw(first);
} catch (problem) {
  tell(problem instanceof Problem ? problem : new Problem("server"));
}
