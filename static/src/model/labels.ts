/** What a user does to the labels of the board. */

import { api } from "../net/api";
import { optimistically } from "./actions";
import type { Change, Store } from "./store";
import type { Board, Label } from "./types";

type LabelFields = Partial<Omit<Label, "id">>;

/** Ask the server, then take the board over as it is there. */
async function reshape<T>(store: Store, what: string, change: Change, call: () => Promise<T>): Promise<T | null> {
  let made: T | null = null;
  const fetched = (): Promise<Board> => call().then((result) => ((made = result), api.board(store.board.id)));
  return (await optimistically(store, what, change, fetched, (board) => store.replaceBoard(board))) ? made : null;
}

const same: Change = (board) => board;

export const createLabel = (store: Store, name: string): Promise<Label | null> =>
  reshape(store, `Couldn’t create the label “${name}”.`, same, () => api.createLabel(store.board.id, { name }));

export function editLabel(store: Store, label: Label, fields: LabelFields): Promise<Label | null> {
  const change: Change = (board) => ({ ...board, labels: board.labels.map((each) => (each.id === label.id ? { ...each, ...fields } : each)) });
  return reshape(store, `Couldn’t change the label “${label.name}”.`, change, () => api.editLabel(label.id, fields));
}

export async function deleteLabel(store: Store, label: Label): Promise<boolean> {
  const change: Change = (board) => ({ ...board, labels: board.labels.filter((each) => each.id !== label.id) });
  return (await reshape(store, `Couldn’t delete the label “${label.name}”.`, change, () => api.deleteLabel(label.id).then(() => true))) ?? false;
}
