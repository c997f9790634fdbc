/** Colors as they are in photos: medians of 9×9 pixels of photos of people, animals, fruit and landscapes. */
export const PALETTE = [
  { name: "light skin", color: "#dda69d" },
  { name: "dark skin", color: "#6d4c3d" },
  { name: "sky", color: "#8caae0" },
  { name: "sea", color: "#b0e3da" },
  { name: "grass", color: "#aeb154" },
  { name: "leaves", color: "#394610" },
  { name: "wood", color: "#461b08" },
  { name: "plaster", color: "#ceaf90" },
  { name: "apple", color: "#d02234" },
  { name: "carrot", color: "#f48e55" },
  { name: "lemon", color: "#fce85b" },
  { name: "blue cloth", color: "#214199" },
  { name: "violet flower", color: "#b10262" },
  { name: "gray", color: "#808080" },
] as const;
