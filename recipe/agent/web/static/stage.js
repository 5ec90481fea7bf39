/* The photograph: previews, latest first; the divider between before and after. */
import { base, byId, fetched, fill, imageOf, tell, ui } from "./api.js";
import { drawHistogram } from "./histogram.js";

const frame = byId("frame"), before = byId("before"), after = byId("after"), split = byId("split");
let wanted = null, running = false, shownUrl = "";

export function open(photo) {
  frame.style.setProperty("--ratio", photo.width / photo.height);
  before.src = imageOf({}, false);
  before.alt = fill(ui.photo_before, photo);
  after.alt = fill(ui.photo_after, photo);
}

/** Show a program; while a preview is drawn, only the latest of those that follow is kept. */
export async function show(program, since = performance.now()) {
  wanted = { program, since };
  if (running) return;
  running = true;
  while (wanted) {
    const one = wanted;
    wanted = null;
    try {
      const response = await fetched(imageOf(one.program, false));
      if (response.status === 200) await put(await response.blob(), one.since);
      tell(null);
    } catch (problem) {
      tell(problem);
    }
  }
  running = false;
}

async function put(blob, since) {
  const url = URL.createObjectURL(blob), next = new Image();
  next.src = url;
  await next.decode();
  after.src = url;
  await after.decode(); // from now on it is what the page shows
  performance.measure("preview", { start: since });
  if (shownUrl) URL.revokeObjectURL(shownUrl);
  shownUrl = url;
  frame.dataset.shown = Number(frame.dataset.shown ?? 0) + 1;
  drawHistogram(next);
}

function place() {
  const at = Number(split.value);
  frame.style.setProperty("--split", `${at}%`);
  frame.classList.toggle("near", at < 15);
  frame.classList.toggle("far", at > 85);
}
split.addEventListener("input", place);
place();

export const hold = (on) => frame.classList.toggle("whole", on);
