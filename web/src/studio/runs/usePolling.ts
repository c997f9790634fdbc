import { useEffect, useRef } from "preact/hooks";

/** Call a function now, and again some seconds after it has ended, while the tab with this id is looked at. */
export function usePolling(tab: string, seconds: number, look: () => Promise<void>): () => void {
  const latest = useRef(look);
  const now = useRef(() => {});
  latest.current = look;
  useEffect(() => {
    let timer = 0;
    let isOn = true;
    let isLooking = false;
    const isSeen = () => !document.hidden && location.hash.startsWith(`#/${tab}`);
    const next = async () => {
      if (!isOn || isLooking) return;
      clearTimeout(timer);
      isLooking = true;
      if (isSeen()) await latest.current();
      isLooking = false;
      if (isOn && isSeen()) timer = setTimeout(() => void next(), seconds * 1000);
    };
    now.current = () => void next();
    const again = () => void next();
    addEventListener("hashchange", again);
    document.addEventListener("visibilitychange", again);
    again();
    return () => {
      isOn = false;
      clearTimeout(timer);
      removeEventListener("hashchange", again);
      document.removeEventListener("visibilitychange", again);
    };
  }, []);
  return () => now.current();
}
