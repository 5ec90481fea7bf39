/* Requests to the server. An error is a Problem, whose text is for people. */
export const shared = JSON.parse(document.getElementById("shared").textContent);
export const ui = shared.texts.ui;
export const base = `/s/${shared.session}`;
export const byId = (id) => document.getElementById(id);

/** Fill the words in braces. */
export const fill = (text, words) => text.replace(/\{(\w+)\}/g, (_, name) => words[name]);

/** Put the sentences of a note that are known into the language of the page. */
export const translated = (text) =>
  Object.entries(shared.texts.sentences).reduce((told, [from, to]) => told.replaceAll(from, to), text);

export class Problem extends Error {
  constructor(code, detail = "") {
    const text = shared.texts.errors[code] ?? shared.texts.errors.server;
    super(detail ? `${text} ${translated(detail)}` : text);
    this.code = code;
  }
}

export async function fetched(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem("network");
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({ error: "server" }));
  throw new Problem(told.error, told.detail);
}

/** Post JSON to an address of the session, and return the answer. */
export async function post(path, body, options = {}) {
  const headers = { "Content-Type": "application/json" };
  return (await fetched(base + path, { method: "POST", headers, body: JSON.stringify(body), ...options })).json();
}

export function tell(problem) {
  const line = byId("problem");
  line.hidden = !problem;
  line.textContent = problem ? problem.message : "";
}

/** Make an element; its text is never HTML. */
export function made(tag, className, text, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

export const signed = (value) => (value > 0 ? `+${value}` : `${value}`.replace("-", "\u2212"));
export const imageOf = (program, small) =>
  `${base}/image?${small ? "small&" : ""}program=${encodeURIComponent(JSON.stringify(program))}`;
