"use strict";
const $ = (query, root = document) => root.querySelector(query);
const all = (query, root = document) => [...root.querySelectorAll(query)];
const form = $("#filter"), list = $("#list"), rows = JSON.parse($("#data").textContent).slice(0, -1);
const cases = all(".case").map((node, place) => ({
  node, place, kind: node.dataset.kind, photo: node.dataset.photo,
  why: JSON.parse(node.dataset.why), values: JSON.parse(node.dataset.values),
}));
const known = new Set(cases.map((one) => one.node.id));
const PER_PAGE = 50;
let shownRows = [], page = 0, by = -1;

// Images that a case shares with another are in the file once.
all("img[data-from]").forEach((image) => { image.src = document.getElementById(image.dataset.from).src; });

function before() {
  for (const { node } of cases) {
    const source = $(`[data-role=${form.elements.before.value}] img:not(.before)`, node);
    for (const image of all("img.before", node)) {
      image.hidden = !source;
      if (source) image.src = source.src;
    }
  }
}

function split(pair, percent) {
  pair.style.setProperty("--split", percent);
  const range = $(".split", pair);
  if (range && Math.round(range.value) !== Math.round(percent)) range.value = percent;
}

function value(one, of, systems) {
  const found = (of === "" ? systems : [Number(of)]).map((system) => one.values[system]).filter((number) => number != null);
  return found.length ? found.reduce((sum, number) => sum + number, 0) / found.length : -Infinity;
}

function chosen() {
  const { kind, photo, why, of, order } = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "system"));
  return { kind, photo, why, of, order, systems: new FormData(form).getAll("system").map(Number) };
}

function update() {
  const { kind, photo, why, of, order, systems } = chosen();
  const fits = (one) => (!kind || one.kind === kind) && (!photo || one.photo === photo) && one.why.some(
    ([reason, system]) => (!why || reason === why) && (of === "" ? systems.includes(system) : system === Number(of)));
  const seen = cases.filter(fits);
  for (const one of cases) one.node.hidden = !seen.includes(one);
  const sign = order === "best" ? -1 : 1;
  seen.sort(order === "file" ? (a, b) => a.place - b.place
    : (a, b) => sign * (value(a, of, systems) - value(b, of, systems)) || a.place - b.place);
  list.append(...seen.map((one) => one.node));
  for (const node of all("[data-system]")) node.hidden = !systems.includes(Number(node.dataset.system));
  $("#none").hidden = seen.length > 0;
  $("#count").textContent = `${seen.length} of ${cases.length} cases`;
  shownRows = rows.filter((row) => (!photo || row[1] === photo) && (!kind || row[2] === kind));
  page = 0;
  sort();
}

function sort() {
  const rank = (row) => by < 0 ? row[0] : typeof row[4][by] === "string" ? -1e6 : row[4][by] ?? 1e6;
  shownRows.sort((a, b) => rank(a) - rank(b) || a[0] - b[0]);
  for (const head of all("#rows th")) head.removeAttribute("aria-sort");
  $(`#rows [data-by="${by}"]`).parentNode.setAttribute("aria-sort", "ascending");
  draw();
}

function draw() {
  const { systems } = chosen(), pages = Math.max(1, Math.ceil(shownRows.length / PER_PAGE));
  page = Math.min(Math.max(page, 0), pages - 1);
  const cell = (text) => Object.assign(document.createElement("td"), { textContent: text });
  $("#rows tbody").replaceChildren(...shownRows.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map(([index, photo, kind, request, values]) => {
    const line = document.createElement("tr"), first = cell("");
    const link = known.has(`case-${index}`) ? Object.assign(document.createElement("a"), { href: `#case-${index}` }) : first;
    link.textContent = index;
    if (link !== first) first.append(link);
    const shown = systems.map((system) => values[system]);
    line.append(first, cell(photo), cell(kind), cell(request),
      ...shown.map((one) => cell(typeof one === "number" ? one.toFixed(3) : one ?? "–")));
    return line;
  }));
  $("#page").textContent = `${page + 1} of ${pages}, ${shownRows.length} rows`;
}

function reveal() {
  const one = cases.find(({ node }) => `#${node.id}` === location.hash);
  if (!one) return;
  if (one.node.hidden) { form.reset(); update(); }
  one.node.scrollIntoView();
}

// From the case that has the focus; without one, to the first below the filters or the last above.
function step(by) {
  const seen = all(".case:not([hidden])", list), here = seen.indexOf(document.activeElement.closest(".case"));
  const edge = $(".bar").getBoundingClientRect().bottom - 5;
  const below = seen.findIndex((node) => node.getBoundingClientRect().top >= edge);
  const next = seen[here >= 0 ? here + by : by > 0 ? below : (below < 0 ? seen.length : below) - 1];
  if (!next) return;
  next.scrollIntoView();
  next.focus({ preventScroll: true });
}

form.addEventListener("change", (event) => { event.target.name === "before" ? before() : update(); });
form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("input", ({ target }) => {
  if (target.matches(".split")) split(target.closest(".pair"), Number(target.value));
});
document.addEventListener("pointermove", (event) => {
  const pair = event.pointerType === "mouse" && event.target.closest(".pair");
  if (!pair || !$(".split", pair)) return;
  const box = pair.getBoundingClientRect();
  split(pair, Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width)));
});
document.addEventListener("pointerout", (event) => {
  const pair = event.pointerType === "mouse" && event.target.closest(".pair");
  if (pair && $(".split", pair) && !pair.contains(event.relatedTarget)) split(pair, 0);
});
document.addEventListener("click", ({ target }) => {
  if (target.matches(".enlarge")) {
    const pair = $(".pair", target.parentNode).cloneNode(true);
    for (const image of all("[id]", pair)) image.removeAttribute("id");
    $("#large > div").replaceChildren(pair);
    $("#large b").textContent = $("figcaption b", target.parentNode).textContent;
    $("#large").showModal();
  } else if (target.matches("[data-by]")) { by = Number(target.dataset.by); page = 0; sort();
  } else if (target.matches("[data-go]")) { page += Number(target.dataset.go); draw(); }
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select") || $("#large").open) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
});
addEventListener("hashchange", reveal);
new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${$(".bar").offsetHeight}px`)).observe($(".bar"));
if (matchMedia("(max-width: 640px)").matches) $(".bar").open = false;
before();
update();
reveal();
