/** What the command palette offers: every card, and everything that can be done now. */

import { startCard } from "../model/actions";
import { archiveCard } from "../model/archive";
import { awake, sleeps } from "../model/life";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { logOut } from "../net/api";
import type { IconName } from "../ui/icons";
import type { MenuItem } from "../ui/menu";
import { agentItems } from "./agent-items";
import { showArchive } from "./archive-dialog";
import { createBoard } from "./board-menu";
import type { BoardActions } from "./card";
import { deleteDialog, moveDialog } from "./card-dialogs";
import { copyAndName } from "./card-menu";
import { cardSheet } from "./card-sheet";
import { addColumnDialog } from "./column-menu";
import { focusSearch, toggleFilter } from "./filters";
import { fork, forkDialog, mayFork, sleepItems } from "./life-menu";
import { labelsDialog } from "./labels-dialog";
import { membersDialog } from "./members-dialog";
import { recordingDialog } from "./recording-dialog";
import { rulesDialog } from "./rules-dialog";
import { secretsDialog } from "./secrets-dialog";
import { passwordDialog } from "./password-dialog";
import { profileDialog } from "./profile-dialog";
import { showLogins } from "./logins-dialog";
import { pickAssignees, pickLabels } from "./pickers";
import { statusWords } from "./status";

export interface Command {
  words: string;
  /** Where it is, or what it is about. */
  about: string;
  icon: IconName;
  run: () => void;
}

function cardCommands(store: Store, actions: BoardActions, card: Card): Command[] {
  const about = card.title;
  const status = card.session?.status;
  const start: Command = { words: sleeps(status) ? "Resume" : "Start", about, icon: "play", run: () => void startCard(store, card.id) };
  const command = ({ words, icon, action }: MenuItem): Command => ({ words, about, icon: icon ?? "moon", run: action as () => void });
  const forks: Command[] = [
    { words: "Fork", about, icon: "fork", run: () => void fork(store, card) },
    { words: "Fork with a title…", about, icon: "fork", run: () => void forkDialog(store, card) },
    { words: "Take a snapshot…", about, icon: "snapshot", run: () => cardSheet(store, card, { focus: "snapshots" }) },
  ];
  const details: Command = { words: "Details", about, icon: "edit", run: () => cardSheet(store, card) };
  if (!mayEdit(store)) return [details];
  return [
    ...(awake(status) ? [] : [start]),
    ...sleepItems(store, card).map(command),
    ...(mayFork(card) ? forks : []),
    ...agentItems(store, card).map(command),
    { words: "Move to…", about, icon: "grip", run: () => void moveDialog(store, [card], actions.drop) },
    details,
    { words: "Labels…", about, icon: "tag", run: () => pickLabels(store, [card], null) },
    { words: "Assign…", about, icon: "person", run: () => pickAssignees(store, [card], null) },
    { words: "Due…", about, icon: "calendar", run: () => cardSheet(store, card, { focus: "due" }) },
    { words: "When it sleeps…", about, icon: "moon", run: () => cardSheet(store, card, { focus: "sleep" }) },
    { words: "New card like this", about, icon: "plus", run: () => void copyAndName(store, card) },
    { words: "Archive", about, icon: "archive", run: () => void archiveCard(store, card.id) },
    { words: "Delete…", about, icon: "trash", run: () => void deleteDialog(store, card) },
  ];
}

function boardCommands(store: Store, showKeys: () => void): Command[] {
  const about = store.board.name;
  const others = store.boards.filter((board) => board.id !== store.board.id);
  const editing: Command[] = [
    { words: "Add a column…", about, icon: "plus", run: () => void addColumnDialog(store) },
    { words: "Secrets of this board…", about, icon: "key", run: () => void secretsDialog(store) },
    { words: "Labels of this board…", about, icon: "tag", run: () => labelsDialog(store) },
  ];
  const adding: Command = { words: "Add a card", about, icon: "plus", run: () => store.setUi({ composing: store.board.columns[0]?.id ?? null }) };
  return [
    ...(mayEdit(store) ? [adding] : []),
    { words: "Search the board", about, icon: "search", run: () => focusSearch(store) },
    { words: "Show what waits for you", about, icon: "bell", run: () => toggleFilter(store, { status: "waiting" }) },
    { words: "Show cards with agents", about, icon: "agent", run: () => toggleFilter(store, { agent: "any" }) },
    { words: "Wall: all terminals at once", about, icon: "wall", run: () => location.assign(`/b/${store.board.id}/wall`) },
    { words: "Sessions: what runs, uses and costs", about: "All boards", icon: "rows", run: () => location.assign("/sessions") },
    ...(mayEdit(store) ? editing : []),
    { words: "When sessions sleep…", about, icon: "moon", run: () => void rulesDialog(store) },
    { words: "Recording of terminals…", about, icon: "record", run: () => void recordingDialog(store) },
    { words: "Members…", about, icon: "person", run: () => membersDialog(store) },
    { words: "Archived cards…", about, icon: "archive", run: () => showArchive(store) },
    ...others.map((board): Command => ({ words: `Go to “${board.name}”`, about: "Board", icon: "forward", run: () => location.assign(`/b/${board.id}`) })),
    { words: "New board…", about: "Board", icon: "plus", run: () => void createBoard() },
    { words: "Profile…", about: "You", icon: "person", run: () => void profileDialog(store) },
    { words: "Password…", about: "You", icon: "key", run: () => void passwordDialog() },
    { words: "Logins…", about: "You", icon: "screen", run: () => showLogins() },
    { words: "Log out", about: "You", icon: "leave", run: () => void logOut() },
    { words: "Keys", about: "Help", icon: "help", run: showKeys },
  ];
}

/** `chosen` is the card that the keyboard is on or whose terminal is open: what can be done with it comes first. */
export function commands(store: Store, actions: BoardActions, chosen: Card | undefined, showKeys: () => void): Command[] {
  const open = (card: Card, column: string): Command => {
    return { words: card.title, about: `${column} · ${statusWords(card)}`, icon: "forward", run: () => actions.open(card.id) };
  };
  const saved = store.board.columns.flatMap((column) => column.cards.filter((card) => !card.unsaved).map((card) => open(card, column.name)));
  return [...(chosen && !chosen.unsaved ? cardCommands(store, actions, chosen) : []), ...saved, ...boardCommands(store, showKeys)];
}
