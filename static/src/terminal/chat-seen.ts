/** Up to where a card's chat was read in this browser. */

const KEY = "vibenv.chat-seen";
const MOST_CARDS = 100;

function all(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}

export const seenUpTo = (card: string): number => all()[card] ?? 0;

export function markSeen(card: string, id: number): void {
  const { [card]: _, ...others } = all();
  const kept = [...Object.entries(others), [card, id] as const].slice(-MOST_CARDS);
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
}
