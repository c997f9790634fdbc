import { useState } from "preact/hooks";
import { open, type Job } from "../api";
import { Drop } from "../Drop";
import { forget } from "../preview";
import { Problem } from "../Problem";
import { Painting } from "./Painting";

/** A gray picture that gets colors from clicks. */
export function Colorize() {
  const [picture, setPicture] = useState<{ readonly file: File; readonly opened: Job } | null>(null);
  const [error, setError] = useState("");
  const take = async (file: File) => {
    setError("");
    try {
      const opened = await open(file);
      forget(picture?.opened);
      setPicture({ file, opened });
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return (
    <>
      <Drop
        isPasted
        label="Gray picture"
        text="Drop, paste or choose a gray picture. Click it where you know a color; the model spreads it."
        onFiles={([file]) => file && void take(file)}
      />
      <Problem text={error} />
      {picture && <Painting key={picture.opened.id} file={picture.file} opened={picture.opened} />}
    </>
  );
}
