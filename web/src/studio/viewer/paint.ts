import type { Layer } from "./tiles";
import { toScreen, type Rect, type Size, type View } from "./view";

/** The left and the right end of the picture as far as they are seen; the border moves between them. */
export function edges(view: View, picture: Size, box: Size): [number, number] {
  const left = toScreen(view, box, { x: 0, y: 0 }).x;
  return [Math.max(0, left), Math.min(box.width, left + picture.width * view.scale)];
}

/** Draw the picture, or both pictures with their border at a percentage of what is seen. */
export function draw(canvas: HTMLCanvasElement, box: Size, view: View, before: Layer | null, after: Layer | null, part: Rect | undefined, at: number | null) {
  const dots = devicePixelRatio;
  const [width, height] = [Math.round(box.width * dots), Math.round(box.height * dots)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, width, height);
  const base = at === null ? after : before;
  if (!base) return;
  const put = (layer: Layer, place: Rect) => {
    const corner = toScreen(view, box, place);
    const scale = view.scale * dots;
    const rect = { x: Math.round(corner.x * dots), y: Math.round(corner.y * dots), width: place.width * scale, height: place.height * scale };
    const own = rect.width / layer.size.width;
    layer.draw(context, rect, own, Math.min(own, scale) < 2);
  };
  const all = { x: 0, y: 0, width: base.size.width, height: base.size.height };
  if (part || !after?.isReady) put(base, all);
  if (after) put(after, part ?? all);
  if (at === null || !before || !after?.isReady) return;
  const [left, right] = edges(view, base.size, box);
  const border = Math.round((left + ((right - left) * at) / 100) * dots);
  context.save();
  context.beginPath();
  context.rect(0, 0, border, height);
  context.clip();
  context.clearRect(0, 0, border, height);
  put(before, all);
  context.restore();
  line(context, border, height, dots);
}

function line(context: CanvasRenderingContext2D, border: number, height: number, dots: number) {
  context.strokeStyle = "#fff";
  context.fillStyle = "#0b5394";
  context.lineWidth = 2 * dots;
  context.shadowColor = "#000";
  context.shadowBlur = 3 * dots;
  context.beginPath();
  context.moveTo(border, 0);
  context.lineTo(border, height);
  context.stroke();
  context.beginPath();
  context.arc(border, height / 2, 9 * dots, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.shadowBlur = 0;
}
