/** What people tell each other beside the terminal: hands, chat, who types. */

import { toast } from "../ui/toast";
import { Chat } from "./chat";
import type { TerminalState } from "./client";
import { floorOf, standing } from "./floor";
import type { ClientMessage, Participant, ServerMessage } from "./protocol";

export interface RoomActions {
  send(message: ClientMessage): boolean;
  state(): TerminalState;
  update(change: Partial<TerminalState>): void;
  /** Back to the terminal. */
  leave(): void;
}

export class Room {
  readonly chat: Chat;
  /** Wanted up: after a lost connection it is raised again. */
  #hand = false;
  #told = new Set<string>();
  #hinted = false;
  /** Had control when the connection was lost. */
  #retakes = false;

  /** `elsewhere`: the chat that another terminal of the session carries. */
  constructor(
    card: string,
    readonly actions: RoomActions,
    readonly elsewhere?: Chat,
  ) {
    this.chat = elsewhere ?? new Chat(card, {
      send: (text) => actions.send({ type: "chat", text }),
      you: () => actions.state().you,
      changed: () => actions.update({ chat: {} }),
      leave: () => actions.leave(),
    });
  }

  /** True when the message was the room's. */
  received(message: ServerMessage): boolean {
    switch (message.type) {
      case "participants":
        this.#here(message.participants);
        return true;
      case "typing":
        this.actions.update({ typing: message.id });
        return true;
      case "floor":
        this.#floorIs(message);
        return true;
      case "chat_history":
        if (!this.elsewhere) this.chat.history(message.messages);
        return true;
      case "chat":
        if (!this.elsewhere) this.chat.said(message);
        return true;
      case "refused":
        if (message.about === "chat") this.chat.refused(message.reason);
        else if (message.about === "hand") toast({ tone: "error", title: "The hand stays as it was.", detail: message.reason });
        else if (message.about === "floor") toast({ tone: "error", title: "That stays as it was.", detail: message.reason });
        return message.about !== undefined;
      default:
        return false;
    }
  }

  /** The connection is new: nobody knows of a hand that was up before. */
  welcomed(): void {
    if (this.#hand) this.actions.send({ type: "hand", raised: true });
  }

  /** Ends with the connection, and is taken up again where nobody else has taken it meanwhile. */
  #floorIs(message: ServerMessage & { type: "floor" }): void {
    const retakes = this.#retakes && message.holder === null;
    this.actions.update({ floor: floorOf(message) });
    if (retakes) this.control(true);
    this.#retakes = false;
  }

  lost(): void {
    this.#retakes ||= standing(this.actions.state()).holder?.you ?? false;
  }

  control(take: boolean): void {
    this.actions.send({ type: "control", take });
  }

  pauseAgents(paused: boolean): void {
    this.actions.send({ type: "pause", agents: paused });
  }

  /** True when the key was one of the room's. */
  key(event: KeyboardEvent): boolean {
    if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return false;
    if (event.code !== "KeyH" && event.code !== "Space") return false;
    const { holder, paused } = standing(this.actions.state());
    if (event.code === "KeyH") this.control(!holder?.you);
    else this.pauseAgents(!paused);
    return true;
  }

  raise(raised: boolean): void {
    this.#hand = raised && this.actions.send({ type: "hand", raised });
    if (!raised) this.#lowerOwn();
  }

  lower(ids: string[]): void {
    for (const id of ids) this.actions.send({ type: "hand", raised: false, of: id });
  }

  /** A key that is not taken since its viewer only watches: said once. */
  keyOfWatcher(): void {
    if (this.#hinted) return;
    this.#hinted = true;
    const detail = "Raise your hand, and those who may type see that you need them.";
    toast({ tone: "info", title: "You are watching; typing is off.", detail, action: { words: "Raise your hand", run: () => this.raise(true) } });
  }

  /** In all windows of this person. */
  #lowerOwn(): void {
    const { participants, you } = this.actions.state();
    const mine = participants.filter((each) => each.id === you?.id || (each.user !== null && each.user === you?.user && each.kind === you.kind));
    this.lower(mine.filter((each) => each.hand).map((each) => each.id));
  }

  #here(participants: Participant[]): void {
    const before = this.actions.state().you;
    const you = participants.find((each) => each.id === before?.id) ?? before;
    if (before?.hand && !you?.hand && this.#hand) {
      this.#hand = false;
      toast({ tone: "info", title: "Your hand was lowered." });
    }
    this.actions.update({ participants, you });
    if (you?.role === "type") this.#tellHands(participants, you);
  }

  #tellHands(participants: Participant[], you: Participant): void {
    const up = participants.filter((each) => each.hand && each.id !== you.id);
    for (const each of up) {
      if (this.#told.has(each.id)) continue;
      toast({ tone: "info", title: `${each.name} raises a hand.`, action: { words: "Lower", run: () => this.lower([each.id]) } });
    }
    this.#told = new Set(up.map((each) => each.id));
  }
}
