/** The keys that lead from one terminal to another. Shells and browsers use none of them. */

/** A number in the row, counted from 0, or a step from the present one; null for any other key. */
export type TabKey = { at: number } | { step: 1 | -1 };

export const TAB_KEYS = "Ctrl Shift ← / →";

export function tabKey(event: KeyboardEvent): TabKey | null {
  if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return null;
  if (event.key === "ArrowLeft") return { step: -1 };
  if (event.key === "ArrowRight") return { step: 1 };
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  return digit ? { at: Number(digit) - 1 } : null;
}

/** Which of the `numbers` a key leads to from `present`; null where there is none. Steps go round. */
export function ledTo(key: TabKey, numbers: number[], present: number): number | null {
  if ("at" in key) return numbers[key.at] ?? null;
  return numbers.at((numbers.indexOf(present) + key.step) % numbers.length) ?? null;
}
