/* The first page: choose, drop or paste a photograph. */
import { byId, fetched, fill, Problem, shared, tell, ui } from "./api.js";

const drop = byId("drop"), choose = byId("choose"), line = byId("uploading");
if (shared.unknown) tell(new Problem("unknown"));

async function upload(file) {
  if (!file) return;
  tell(null);
  choose.disabled = true;
  line.textContent = fill(ui.uploading, { name: file.name });
  try {
    if (file.size > shared.max_bytes) throw new Problem("too_large");
    const headers = { "X-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" };
    const answer = await (await fetched("/photographs", { method: "POST", headers, body: file })).json();
    location.assign(`/s/${answer.session}${location.search}`);
  } catch (problem) {
    tell(problem);
    line.textContent = ui.kinds;
    choose.disabled = false;
    choose.value = "";
  }
}

choose.addEventListener("change", () => upload(choose.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") upload(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => upload(event.clipboardData.files[0]));
