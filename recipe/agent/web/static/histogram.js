/* The histogram of the preview: red, green, blue and brightness, as areas. */
import { byId, fill, ui } from "./api.js";

const canvas = byId("histogram"), small = document.createElement("canvas");
const WIDTH = 256; // pixels of the copy that is counted
const COLORS = ["#c04a4a", "#4a9a5a", "#4a6ac0", "#555"];

export function drawHistogram(image) {
  small.width = WIDTH;
  small.height = Math.max(1, Math.round((WIDTH * image.naturalHeight) / image.naturalWidth));
  const reader = small.getContext("2d", { willReadFrequently: true });
  reader.drawImage(image, 0, 0, small.width, small.height);
  const { data } = reader.getImageData(0, 0, small.width, small.height);
  const counts = COLORS.map(() => new Uint32Array(256));
  for (let at = 0; at < data.length; at += 4) {
    for (let channel = 0; channel < 3; channel++) counts[channel][data[at + channel]]++;
    counts[3][(54 * data[at] + 183 * data[at + 1] + 19 * data[at + 2]) >> 8]++;
  }
  draw(counts);
  const total = data.length / 4;
  const share = (level) => `${Math.round((100 * counts[3][level]) / total)} %`;
  canvas.setAttribute("aria-label", fill(ui.histogram, { black: share(0), white: share(255) }));
}

function draw(counts) {
  const pen = canvas.getContext("2d"), { width, height } = canvas;
  const inner = [...counts.flatMap((one) => [...one.slice(1, 255)])].sort((a, b) => a - b);
  const top = Math.max(1, inner[Math.floor(inner.length * 0.995)]);
  pen.clearRect(0, 0, width, height);
  pen.globalCompositeOperation = "multiply";
  counts.forEach((one, channel) => {
    pen.beginPath();
    pen.moveTo(0, height);
    one.forEach((count, level) => pen.lineTo((level / 255) * width, height - Math.min(1, count / top) * height));
    pen.lineTo(width, height);
    pen.globalAlpha = channel < 3 ? 0.38 : 0.3;
    pen.fillStyle = COLORS[channel];
    pen.fill();
  });
}
