// Mouse, pen and fingers on the viewer's box.
import type { Point } from "./view";

export interface Gestures {
  move(right: number, down: number): void;
  /** Zoom by a factor at a place; false: nothing was to zoom, and the page may scroll. */
  zoom(factor: number, at: Point): boolean;
  tap(at: Point): void;
  /** What a press at a place takes hold of: the border, a stroke of a tool, or null for the picture. */
  hold(at: Point): ((at: Point, isLast: boolean) => void) | null;
}

const STILL = 4;
const WHEEL = 500;

/** Listen to a box; the returned function ends it. `current` gives the gestures at that time. */
export function listen(box: HTMLElement, current: () => Gestures): () => void {
  const pressed = new Map<number, Point>();
  let start: Point = { x: 0, y: 0 };
  let isTap = false;
  let held: ReturnType<Gestures["hold"]> = null;
  const place = (event: MouseEvent): Point => {
    const { left, top } = box.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest("button")) return;
    box.setPointerCapture(event.pointerId);
    pressed.set(event.pointerId, place(event));
    start = place(event);
    isTap = pressed.size === 1;
    if (pressed.size > 1 && held) held(start, true);
    held = pressed.size === 1 ? current().hold(start) : null;
    held?.(start, false);
  };
  const move = (event: PointerEvent) => {
    const before = pressed.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    if (Math.hypot(now.x - start.x, now.y - start.y) > STILL) isTap = false;
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    pressed.set(event.pointerId, now);
    if (held) held(now, false);
    else if (other) pinch(before, now, other);
    else if (!isTap) current().move(now.x - before.x, now.y - before.y);
  };
  const pinch = (before: Point, now: Point, other: Point) => {
    const distance = (one: Point) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
    current().move((now.x - before.x) / 2, (now.y - before.y) / 2);
    current().zoom(distance(now) / distance(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  };
  const up = (event: PointerEvent) => {
    if (!pressed.delete(event.pointerId)) return;
    if (held) held(place(event), true);
    else if (isTap && event.type === "pointerup") current().tap(place(event));
    held = null;
  };
  const wheel = (event: WheelEvent) => {
    const lines = event.deltaMode === 1 ? 16 : 1;
    if (current().zoom(Math.exp((-event.deltaY * lines) / WHEEL), place(event))) event.preventDefault();
  };
  const twice = (event: MouseEvent) => current().zoom(2, place(event));
  const listeners: [string, (event: never) => void][] = [
    ["pointerdown", down], ["pointermove", move], ["pointerup", up], ["pointercancel", up], ["wheel", wheel], ["dblclick", twice],
  ];
  for (const [name, listener] of listeners) box.addEventListener(name, listener as EventListener, { passive: false });
  return () => listeners.forEach(([name, listener]) => box.removeEventListener(name, listener as EventListener));
}
