// Rank results by tapping them from best to worst. A tap on a ranked result takes its place back; the next tap fills the first free place.

const texts = JSON.parse(document.getElementById("texts").textContent);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const cards = [...document.querySelectorAll(".result")];
const labels = cards.map((card) => card.dataset.label);
const form = document.querySelector("form");
const slots = [...form.querySelectorAll(".places li")];
const status = form.querySelector(".status");
const next = form.querySelector(".go");
const sources = cards.map((card) => card.querySelector("img").src);
const original = document.getElementById("original").src;
const viewer = document.querySelector(".viewer");
const shown = viewer.querySelector("img");
const places = cards.map(() => null); // places[i]: label of the result at place i + 1
const given = []; // labels in the order of their taps
let current = 0; // result in the viewer
let sent = false;

for (const card of cards) if (card.dataset.place) places[card.dataset.place - 1] = card.dataset.label;
if (!places.includes(null)) given.push(...places); // a page that is seen again

function toggle(label) {
  const place = places.indexOf(label);
  if (place >= 0) {
    places[place] = null;
    if (given.includes(label)) given.splice(given.indexOf(label), 1);
  } else {
    places[places.indexOf(null)] = label;
    given.push(label);
    const rest = labels.filter((one) => !places.includes(one));
    if (rest.length === 1) places[places.indexOf(null)] = rest[0]; // the last place is certain
  }
  show();
  if (place < 0) status.textContent = `${fill(texts.placed, { label, place: places.indexOf(label) + 1 })} ${status.textContent}`;
}

function takeBack() {
  given.pop();
  places.forEach((label, place) => given.includes(label) || (places[place] = null)); // with the one placed by itself
  show();
}

function showPick(button, label) {
  const place = places.indexOf(label);
  const text = place >= 0 ? fill(texts.place, { place: place + 1 }) : texts.choose;
  button.querySelector("b").textContent = label;
  button.querySelector("span").textContent = text;
  button.setAttribute("aria-label", `${fill(texts.result, { label })}: ${text}`);
  button.setAttribute("aria-pressed", place >= 0);
}

function show() {
  for (const card of cards) {
    const place = places.indexOf(card.dataset.label);
    card.dataset.place = place >= 0 ? place + 1 : "";
    showPick(card.querySelector(".pick"), card.dataset.label);
  }
  slots.forEach((slot, place) => {
    slot.textContent = places[place] ?? "";
    slot.classList.toggle("free", place === places.indexOf(null));
  });
  const free = places.indexOf(null);
  status.textContent = free < 0 ? texts.complete : fill(texts.incomplete, { place: free + 1 });
  next.disabled = free >= 0;
  form.order.value = places.join(",");
  if (viewer.open) showViewer();
}

function showViewer() {
  shown.src = sources[current];
  shown.alt = fill(texts.result, { label: labels[current] });
  showPick(viewer.querySelector(".pick"), labels[current]);
}

function move(step) {
  current = (current + step + cards.length) % cards.length;
  showViewer();
}

function showOriginal(on) {
  viewer.classList.toggle("showing-original", on);
  cards.forEach((card, number) => (card.querySelector("img").src = on ? original : sources[number]));
  if (!viewer.open) return;
  if (on) [shown.src, shown.alt] = [original, texts.original];
  else showViewer();
}

cards.forEach((card, number) => {
  card.querySelector(".pick").addEventListener("click", () => toggle(card.dataset.label));
  card.querySelector(".view").addEventListener("click", () => {
    current = number;
    viewer.showModal();
    showViewer();
  });
});
const hold = viewer.querySelector(".hold");
hold.addEventListener("pointerdown", () => showOriginal(true));
hold.addEventListener("pointerleave", () => showOriginal(false));
hold.addEventListener("contextmenu", (event) => event.preventDefault());
hold.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && !event.repeat && showOriginal(true));
viewer.querySelector(".pick").addEventListener("click", () => toggle(labels[current]));
viewer.querySelector(".previous").addEventListener("click", () => move(-1));
viewer.querySelector(".following").addEventListener("click", () => move(1));
viewer.querySelector(".close").addEventListener("click", () => viewer.close());
form.querySelector(".clear").addEventListener("click", () => {
  places.fill(null);
  given.length = 0;
  show();
});
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => (sent = false));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const label = event.key.toUpperCase();
  if (labels.includes(label)) toggle(label);
  else if (event.key === "Backspace") takeBack();
  else if (event.key === "0") showOriginal(true);
  else if (viewer.open && event.key === "ArrowLeft") move(-1);
  else if (viewer.open && event.key === "ArrowRight") move(1);
  else if (event.key === "Enter" && !viewer.open && !next.disabled && !event.target.closest("button, a")) form.requestSubmit();
});
// The release ends the comparison wherever it happens: Escape may have closed the dialog meanwhile.
document.addEventListener("keyup", (event) => ["0", " ", "Enter"].includes(event.key) && showOriginal(false));
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => showOriginal(false));
window.addEventListener("blur", () => showOriginal(false));
show();
