import { useEffect, useRef, useState } from "preact/hooks";
import { Layer, sourceKey, type Source } from "./tiles";

/** The layer of a source; while another source is opened, the layer before it stays. */
export function useLayer(source: Source | undefined, isVisible: boolean, changed: () => void): [Layer | null, string] {
  const [layer, setLayer] = useState<Layer | null>(null);
  const [error, setError] = useState("");
  const current = useRef<Layer | null>(null);
  const key = source === undefined ? "" : sourceKey(source);

  const replace = (next: Layer | null) => {
    current.current?.close();
    current.current = next;
    setLayer(next);
  };
  useEffect(() => {
    if (source === undefined) replace(null);
    if (source === undefined || !isVisible) return;
    let isGone = false;
    Layer.open(source, changed).then(
      (opened) => {
        if (isGone) opened.close();
        else (setError(""), replace(opened));
      },
      (problem: Error) => isGone || setError(problem.message),
    );
    return () => { isGone = true; };
  }, [key, isVisible]);
  useEffect(() => () => current.current?.close(), []);
  return [layer, error];
}
