// A map that is painted over a picture: black is fidelity, white is detail.
import type { Point, Rect, Size } from "../viewer/view";

const LONGEST = 1024;

export class PaintedMap {
  readonly canvas = document.createElement("canvas");
  private readonly scale: number;

  constructor(private readonly picture: Size, level: number) {
    this.scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    this.canvas.width = Math.max(1, Math.round(picture.width * this.scale));
    this.canvas.height = Math.max(1, Math.round(picture.height * this.scale));
    const context = this.context(this.canvas);
    context.fillStyle = gray(level);
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Paint a stroke between two points of the picture. */
  stroke(from: Point, to: Point, level: number, width: number) {
    const context = this.context(this.canvas);
    context.strokeStyle = context.fillStyle = gray(level);
    context.lineWidth = width * this.scale;
    context.beginPath();
    context.moveTo(from.x * this.scale, from.y * this.scale);
    context.lineTo(to.x * this.scale, to.y * this.scale);
    context.stroke();
    context.beginPath(); // round ends, and a dot for a click
    context.arc(to.x * this.scale, to.y * this.scale, context.lineWidth / 2, 0, 2 * Math.PI);
    context.fill();
  }

  /** A part of the map as PNG, in the size of the picture's part. */
  png(part: Rect = { x: 0, y: 0, ...this.picture }): Promise<Blob> {
    const whole = document.createElement("canvas");
    Object.assign(whole, { width: part.width, height: part.height });
    const by = this.scale;
    this.context(whole).drawImage(this.canvas, part.x * by, part.y * by, part.width * by, part.height * by, 0, 0, part.width, part.height);
    return new Promise((resolve, reject) => whole.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The map is too large for this browser."))), "image/png"));
  }

  private context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const found = canvas.getContext("2d", { alpha: false });
    if (!found) throw new Error("This browser has no canvas.");
    return found;
  }
}

const gray = (level: number) => {
  const value = Math.round(level * 255);
  return `rgb(${value} ${value} ${value})`;
};
