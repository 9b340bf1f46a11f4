/** Keys of the player's page. */

import type { Find } from "./find";
import type { Player } from "./player";

const JUMP_S = 5;

const jump = (player: Player, seconds: number): void => void player.seek(player.played + seconds);

function next(player: Player, find: Find, direction: 1 | -1): void {
  if (find.open && find.hits.length) find.step(direction);
  else void player.step(direction);
}

type Act = (player: Player, find: Find) => void;

const KEYS: Record<string, Act> = {
  " ": (player) => player.toggle(),
  k: (player) => player.toggle(),
  ArrowLeft: (player) => jump(player, -JUMP_S),
  ArrowRight: (player) => jump(player, JUMP_S),
  Home: (player) => void player.seek(0),
  End: (player) => void player.seek(player.length),
  "<": (player) => player.faster(-1),
  ">": (player) => player.faster(1),
  n: (player, find) => next(player, find, 1),
  N: (player, find) => next(player, find, -1),
  p: (player, find) => next(player, find, -1),
  i: (player) => player.setSkip(!player.skip),
  "/": (_, find) => find.show(),
};

export const KEY_WORDS: [keys: string, what: string][] = [
  ["Space", "play, pause"],
  ["← →", "5 s back, on"],
  ["< >", "slower, faster"],
  ["n N", "next, previous command (or match)"],
  ["i", "skip idle time, or not"],
  ["/", "search"],
];

/** Where writing means what it says, and where Space presses the button that it is on. */
function elsewhere(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (target.closest("input:not([type=range]), select, textarea, dialog, .menu")) return true;
  return event.key === " " && target.closest("button, a, summary") !== null;
}

export function playerKey(event: KeyboardEvent, player: Player, find: Find): void {
  if (event.ctrlKey || event.metaKey || event.altKey || elsewhere(event)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(player, find);
}
