import { useRef } from "preact/hooks";
import type { Hint } from "../api";
import type { Point, Size } from "../viewer/view";

export interface MarksProps {
  readonly hints: readonly Hint[];
  readonly selected: number;
  readonly picture: Size;
  readonly place: (at: Point) => Point;
  readonly onSelect: (number: number) => void;
  readonly onMove: (number: number, to: Point) => void;
  readonly onRemove: (number: number) => void;
}

const ARROWS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The hints above the picture: drag them, or move them with the arrow keys; Delete removes one. */
export function Marks({ hints, selected, picture, place, onSelect, onMove, onRemove }: MarksProps) {
  const held = useRef<{ readonly at: Point; readonly hint: Hint } | null>(null);
  const zero = place({ x: 0, y: 0 });
  const scale = place({ x: 1, y: 0 }).x - zero.x;
  const inside = ({ x, y }: Point) => ({ x: Math.round(Math.min(Math.max(x, 0), picture.width - 1)), y: Math.round(Math.min(Math.max(y, 0), picture.height - 1)) });
  const pressed = (event: KeyboardEvent, number: number, { x, y }: Hint) => {
    const by = ARROWS[event.key];
    const step = event.shiftKey ? 10 : 1;
    if (by) onMove(number, inside({ x: x + step * by[0], y: y + step * by[1] }));
    else if (event.key === "Delete" || event.key === "Backspace") onRemove(number);
    else return;
    event.preventDefault();
  };
  return (
    <>
      {hints.map((hint, number) => {
        const at = place({ x: hint.x + 0.5, y: hint.y + 0.5 });
        return (
          <button
            type="button"
            class="hint"
            aria-label={`Hint ${number + 1}: ${hint.color} at ${hint.x}, ${hint.y}`}
            aria-pressed={number === selected}
            style={{ left: `${at.x}px`, top: `${at.y}px`, background: hint.color }}
            onFocus={() => onSelect(number)}
            onClick={() => onSelect(number)}
            onKeyDown={(event) => pressed(event, number, hint)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              held.current = { at: { x: event.clientX, y: event.clientY }, hint };
            }}
            onPointerMove={(event) => {
              const { current } = held;
              if (!current || !event.buttons) return;
              const to = inside({ x: current.hint.x + (event.clientX - current.at.x) / scale, y: current.hint.y + (event.clientY - current.at.y) / scale });
              if (to.x !== hint.x || to.y !== hint.y) onMove(number, to);
            }}
            onPointerUp={() => { held.current = null; }}
          />
        );
      })}
    </>
  );
}
