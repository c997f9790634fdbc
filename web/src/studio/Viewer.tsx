import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./Problem";
import { listen, type Gestures } from "./viewer/gestures";
import { useLayer } from "./viewer/layers";
import { draw, edges } from "./viewer/paint";
import { sourceKey, type Source } from "./viewer/tiles";
import { fitting, held, moved, seen, toPicture, toScreen, whole, zoomed, type Point, type Rect, type Size, type View } from "./viewer/view";

export interface ViewerProps {
  /** The picture on the left of the border; without it, there is no border. */
  readonly before?: Source;
  readonly after: Source;
  readonly name: string;
  /** The part of `before` that `after` shows, if it is not all of it. */
  readonly place?: Rect;
  /** Where the border is at first, in percent. */
  readonly border?: number;
  /** A click, or a tap, on a pixel of `before`. */
  readonly onTap?: (at: Point) => void;
  /** If given, dragging calls it instead of moving the picture. */
  readonly onStroke?: (at: Point, isFirst: boolean, isLast: boolean) => void;
  readonly onSeen?: (part: Rect, picture: Size) => void;
  /** What lies above the picture; it is given a function from pixels of `before` to places on the screen. */
  readonly children?: (place: (at: Point) => Point) => ComponentChildren;
}

const STEP = 60;
const NEAR = 14;

/** A picture, or before and after on one place with a border that moves, of any size: wheel, fingers, keys or buttons. */
export function Viewer({ before, after, name, place, border: start = 50, onTap, onStroke, onSeen, children }: ViewerProps) {
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const gestures = useRef<Gestures | null>(null);
  const frame = useRef(0);
  const paint = useRef(() => {});
  const [box, setBox] = useState<Size>({ width: 0, height: 0 });
  const [isVisible, setVisible] = useState(false);
  const [view, setView] = useState<View | null>(null); // null: fitted
  const [at, setAt] = useState(start);
  const soon = () => {
    frame.current ||= requestAnimationFrame(() => ((frame.current = 0), paint.current()));
  };
  const [first, firstError] = useLayer(before, isVisible, soon);
  const [second, secondError] = useLayer(after, isVisible, soon);

  const size: Size | null = (before === undefined ? second : first)?.size ?? null;
  const picture = size ?? { width: 1, height: 1 };
  const now = size && box.width ? (view ? held(view, picture, box) : whole(picture, box)) : null;
  const ratio = second && size && before !== undefined ? Math.max(1, second.size.width / (place?.width ?? size.width)) : 1;
  const pixel = ratio / devicePixelRatio; // the scale of 100 %
  const percent = now ? Math.round((100 * now.scale) / pixel) : 100;

  paint.current = () => {
    const target = canvas.current;
    if (target && now) draw(target, box, now, first, second, place, before === undefined ? null : at);
  };
  useLayoutEffect(soon);
  useEffect(() => {
    if (now) onSeen?.(seen(now, picture, box), picture);
  }, [now?.x, now?.y, now?.scale, box, size]);
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const resized = new ResizeObserver(() => setBox({ width: element.clientWidth, height: element.clientHeight }));
    const shown = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && setVisible(true));
    resized.observe(element);
    shown.observe(element);
    const end = listen(element, () => gestures.current ?? IDLE);
    return () => (resized.disconnect(), shown.disconnect(), end(), cancelAnimationFrame(frame.current));
  }, []);

  // several events may come before the page is drawn again: each starts from the view that the one before it left
  const shift = (right: number, down: number) => now && setView((old) => moved(old ? held(old, picture, box) : now, right, down, picture, box));
  const magnify = (factor: number, point: Point) =>
    now && setView((old) => ((from) => zoomed(from, from.scale * factor, point, picture, box))(old ? held(old, picture, box) : now));
  const zoom = (scale: number, point: Point = { x: box.width / 2, y: box.height / 2 }) => now && setView(zoomed(now, scale, point, picture, box));
  const border = (point: Point) => {
    if (!now) return;
    const [left, right] = edges(now, picture, box);
    setAt(Math.min(100, Math.max(0, (100 * (point.x - left)) / (right - left))));
  };
  gestures.current = now && {
    move: shift,
    zoom: (factor, point) => {
      magnify(factor, point);
      return zoomed(now, now.scale * factor, point, picture, box).scale !== now.scale;
    },
    tap: (point) => {
      const { x, y } = toPicture(now, box, point);
      if (x >= 0 && y >= 0 && x < picture.width && y < picture.height) onTap?.({ x: Math.floor(x), y: Math.floor(y) });
    },
    hold: (point) => {
      const [left, right] = edges(now, picture, box);
      if (before !== undefined && Math.abs(left + ((right - left) * at) / 100 - point.x) < NEAR) return border;
      if (!onStroke) return null;
      let isFirst = true;
      return (next, isLast) => (onStroke(toPicture(now, box, next), isFirst, isLast), (isFirst = false));
    },
  };
  const pressed = (event: KeyboardEvent) => {
    if (!now || event.target !== event.currentTarget || event.ctrlKey || event.metaKey) return;
    const keys: Record<string, () => unknown> = {
      ArrowLeft: () => shift(STEP, 0),
      ArrowRight: () => shift(-STEP, 0),
      ArrowUp: () => shift(0, STEP),
      ArrowDown: () => shift(0, -STEP),
      "+": () => zoom(now.scale * 1.25),
      "=": () => zoom(now.scale * 1.25),
      "-": () => zoom(now.scale / 1.25),
      "0": () => setView(null),
      "1": () => zoom(pixel),
      "2": () => zoom(2 * pixel),
    };
    const act = keys[event.key];
    if (act) (event.preventDefault(), act());
  };
  const isFitted = !view || (now !== null && Math.abs(now.scale / fitting(picture, box) - 1) < 1e-6);
  const error = firstError || secondError;
  return (
    <div class="viewer">
      <div class="tabs">
        <div class="tabs" role="group" aria-label="Size">
          <button type="button" aria-pressed={isFitted} onClick={() => setView(null)}>Fit</button>
          <button type="button" aria-pressed={!isFitted && percent === 100} onClick={() => zoom(pixel)}>100 %</button>
          <button type="button" aria-pressed={!isFitted && percent === 200} onClick={() => zoom(2 * pixel)}>200 %</button>
          <button type="button" aria-label="Smaller" onClick={() => now && zoom(now.scale / 1.5)}>−</button>
          <button type="button" aria-label="Larger" onClick={() => now && zoom(now.scale * 1.5)}>+</button>
        </div>
        {now && <span class="note zoom">{percent} %</span>}
        {before !== undefined && (
          <label class="border">
            Border between before and after
            <input type="range" min={0} max={100} step={0.5} value={at} onInput={(event) => setAt(event.currentTarget.valueAsNumber)} />
          </label>
        )}
      </div>
      <Problem text={error} />
      <div
        ref={stage}
        class={`stage ${onTap || onStroke ? "tool" : ""}`}
        tabIndex={0}
        role="group"
        aria-label={`${name}: arrow keys move, + and - zoom, 0 fits`}
        aria-busy={!second}
        style={{ aspectRatio: size ? `${size.width} / ${size.height}` : "3" }}
        onKeyDown={pressed}
        data-source={sourceKey(after)}
      >
        <canvas ref={canvas} role="img" aria-label={before === undefined ? name : `${name}, before and after`} />
        {now && children?.((point) => toScreen(now, box, point))}
      </div>
    </div>
  );
}

const IDLE: Gestures = { move: () => {}, zoom: () => false, tap: () => {}, hold: () => null };
