import { useEffect, useRef, useState } from "preact/hooks";

export interface PictureDropProps {
  readonly label: string;
  readonly text: string;
  readonly isMany?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** A place to drop, paste or choose pictures. */
export function PictureDrop({ label, text, isMany = false, onFiles }: PictureDropProps) {
  const [over, setOver] = useState(false);
  const element = useRef<HTMLLabelElement>(null);
  const take = useRef(onFiles);
  take.current = onFiles;
  const add = (files: FileList | null | undefined) => {
    const given = [...(files ?? [])];
    if (given.length) take.current(isMany ? given : given.slice(0, 1));
  };

  useEffect(() => {
    const pasted = (event: ClipboardEvent) => element.current?.offsetParent && add(event.clipboardData?.files);
    addEventListener("paste", pasted);
    return () => removeEventListener("paste", pasted);
  }, []);
  return (
    <label
      ref={element}
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add(event.dataTransfer?.files);
      }}
    >
      {text}
      <input
        type="file"
        multiple={isMany}
        aria-label={label}
        onChange={(event) => {
          add(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
