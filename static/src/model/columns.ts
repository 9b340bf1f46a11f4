/** What a user does to columns and to the board as a whole. */

import { api } from "../net/api";
import { optimistically } from "./actions";
import type { Change, Store } from "./store";
import type { Board, Column, ColumnRole } from "./types";

export interface ColumnFields {
  name: string;
  role: ColumnRole;
  wip_limit: number | null;
}

let unsaved = 0;

/** Show `change`, ask the server, then take the board over as it is there. */
function reshape(store: Store, what: string, change: Change, call: () => Promise<unknown>): Promise<boolean> {
  const fetched = (): Promise<Board> => call().then(() => api.board(store.board.id));
  return optimistically(store, what, change, fetched, (board) => store.replaceBoard(board));
}

const changed = (id: string, fields: Partial<ColumnFields>): Change => (board) => ({
  ...board,
  columns: board.columns.map((column) => (column.id === id ? { ...column, ...fields } : column)),
});

/** Put a column ahead of `before`, or last. */
function placed(id: string, before: string | null): Change {
  return (board) => {
    const moved = board.columns.find((column) => column.id === id);
    if (!moved) return board;
    const others = board.columns.filter((column) => column.id !== id);
    const index = others.findIndex((column) => column.id === before);
    const at = index < 0 ? others.length : index;
    return { ...board, columns: [...others.slice(0, at), moved, ...others.slice(at)] };
  };
}

export function addColumn(store: Store, fields: ColumnFields): Promise<boolean> {
  const fresh: Column = { ...fields, id: `unsaved-column-${++unsaved}`, cards: [] };
  const change: Change = (board) => ({ ...board, columns: [...board.columns, fresh] });
  return reshape(store, `Couldn’t add “${fields.name}”.`, change, () => api.addColumn(store.board.id, fields));
}

export function editColumn(store: Store, column: Column, fields: Partial<ColumnFields>): Promise<boolean> {
  return reshape(store, `Couldn’t change “${column.name}”.`, changed(column.id, fields), () => api.editColumn(column.id, fields));
}

/** One place to the left (-1) or to the right (1). */
export function shiftColumn(store: Store, column: Column, by: -1 | 1): Promise<boolean> {
  const at = store.board.columns.findIndex((each) => each.id === column.id);
  const before = store.board.columns[by < 0 ? at - 1 : at + 2]?.id ?? null;
  return reshape(store, `Couldn’t move “${column.name}”.`, placed(column.id, before), () => api.moveColumn(column.id, before));
}

export function deleteColumn(store: Store, column: Column): Promise<boolean> {
  // Shown only when the server agrees: it knows of cards that came meanwhile.
  return reshape(store, `Couldn’t delete “${column.name}”.`, (board) => board, () => api.deleteColumn(column.id));
}

export function renameBoard(store: Store, name: string): Promise<boolean> {
  return reshape(store, "Couldn’t rename the board.", (board) => ({ ...board, name }), () => api.renameBoard(store.board.id, name));
}
