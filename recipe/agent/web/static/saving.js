/* The dialog of downloads: full resolution, other editors, and removal from the server. */
import { base, byId, fetched, fill, made, post, ui } from "./api.js";

const dialog = byId("saving"), written = byId("written"), fidelity = byId("fidelity");

/** `settle` sends a change that is not yet on the server. */
export function prepare(photo, settle) {
  byId("full").textContent = fill(ui.full, photo);
  byId("save").addEventListener("click", () => {
    written.textContent = "";
    fidelity.replaceChildren();
    dialog.showModal();
  });
  byId("close").addEventListener("click", () => dialog.close());
  byId("get").addEventListener("click", () =>
    write(settle, "/result", { suffix: byId("suffix").value, strip: byId("strip").checked }));
  byId("get-other").addEventListener("click", () => write(settle, "/export", { format: byId("format").value }));
  byId("forget").addEventListener("click", forget);
}

async function write(settle, path, body) {
  const buttons = [byId("get"), byId("get-other")];
  buttons.forEach((one) => (one.disabled = true));
  written.textContent = ui.writing;
  fidelity.replaceChildren();
  try {
    await settle();
    const made_ = await post(path, body);
    written.textContent = fill(ui.ready, { size: sizeOf(made_.bytes) });
    fidelity.replaceChildren(...(made_.lines ?? []).map((line) => made("li", "", line)));
    const link = made("a");
    link.href = `${base}/files/${made_.file}`;
    link.download = "";
    link.click();
  } catch (problem) {
    written.textContent = problem.message;
  }
  buttons.forEach((one) => (one.disabled = false));
}

async function forget() {
  if (!confirm(ui.forget_sure)) return;
  try {
    await fetched(base, { method: "DELETE" });
    location.assign(`/${location.search}`);
  } catch (problem) {
    written.textContent = problem.message;
  }
}

const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
