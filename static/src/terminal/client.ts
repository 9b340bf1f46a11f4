/** One card's terminal in the page: the connection, the stream, the screen, and what the panel shows of them. */

import type { Terminal } from "@xterm/xterm";
import type { Session } from "../model/types";
import { LiveSocket } from "../net/live";
import { inTerminal, mayTakeFocus } from "../ui/focus";
import { toast } from "../ui/toast";
import { followKeyboard } from "../ui/viewport";
import type { Chat } from "./chat";
import { clipboardKey } from "./clipboard";
import { FREE, type Floor } from "./floor";
import { Foot } from "./foot";
import { InputQueue } from "./input";
import { OutputStream } from "./output";
import { DEFAULT_LIMITS, type ClientMessage, type Limits, type Participant, type RecordingStatus, type ServerMessage } from "./protocol";
import { Queries } from "./queries";
import { Room } from "./room";
import { SearchBar } from "./search";
import { TouchKeys } from "./touch-keys";
import { GridSize } from "./size";
import { currentTheme, onThemeChange } from "./theme";
import { openTerminal } from "./view";

const HELD_FOR_MS = 15_000; // typing older than this may no longer mean what it meant
const SAME_NOTICE_MS = 3000;
const TYPED = /^(.|Enter|Backspace|Unidentified)$/u; // the last one: a phone's keyboard

export interface TerminalState {
  connection: "connecting" | "live" | "lost" | "ended";
  /** The session's stream is live. */
  attached: boolean;
  /** A whole screen has been drawn, so that what is on it can be trusted. */
  drawn: boolean;
  /** Something stands on it, be it from before. */
  written: boolean;
  you: Participant | null;
  participants: Participant[];
  /** Participant ids: who typed last and so decides the size, and who types just now. */
  owner: string | null;
  typing: string | null;
  floor: Floor;
  /** The grid is another one than this window would have. */
  scaled: boolean;
  /** Another object whenever the chat has changed. */
  chat: object;
  /** Bytes typed while disconnected that will be sent. */
  held: number;
  /** What the session is doing; null before its first start. */
  session: Session | null;
  /** The exit code of its program, once that has ended; of a further terminal only. */
  exited: number | null;
  /** Why the server closed the terminal for good, in its words. */
  ended: string;
  /** Whether it is recorded; null before that is known. */
  recording: RecordingStatus | null;
  /** Something typed could neither be sent nor held. */
  refusedInput: boolean;
}

export interface ClientOptions {
  /** The socket's. */
  path: string;
  /** Of another terminal of the session, when that carries the chat. */
  chat?: Chat;
  /** Takes keys that are the page's; true when it was one. */
  keys?(event: KeyboardEvent): boolean;
  /** The keyboard leaves the chat. */
  leave?(): void;
}

const encoder = new TextEncoder();
const binary = (data: string): Uint8Array<ArrayBuffer> => Uint8Array.from(data, (char) => char.charCodeAt(0) & 0xff);

export class TerminalClient {
  readonly terminal: Terminal;
  /** Somebody typed into it in this page. */
  typed = false;
  state: TerminalState = {
    connection: "connecting", attached: false, drawn: false, written: false, you: null, participants: [], owner: null, typing: null, floor: FREE, scaled: false,
    chat: {}, held: 0, refusedInput: false, session: null, exited: null, ended: "", recording: null,
  };
  readonly room: Room;
  readonly #foot: Foot;
  readonly #search: SearchBar;
  readonly #touchKeys: TouchKeys;
  readonly #queries: Queries;
  readonly #size: GridSize;
  readonly #output: OutputStream;
  readonly #input: InputQueue;
  readonly #socket: LiveSocket;
  readonly #forgetTheme: () => void;
  #lostAt = 0;
  #awaitingPrompt = true;
  #lastNotice = { text: "", at: 0 };

  /** `host` must be in the page: letters are measured there. */
  constructor(
    readonly card: string,
    host: HTMLElement,
    readonly changed: (state: TerminalState) => void,
    readonly options: ClientOptions,
  ) {
    const { terminal, search } = openTerminal(host, () => this.#size.remeasure());
    this.terminal = terminal;
    this.#search = new SearchBar(search, () => terminal.focus());
    host.append(this.#search.element);
    this.#touchKeys = new TouchKeys(terminal);
    this.room = new Room(card, { send: (message) => this.#socket.send(message), state: () => this.state, update: (change) => this.#update(change), leave: () => (options.leave ? options.leave() : this.focus()) }, options.chat);
    this.#foot = new Foot(this.room, this.#touchKeys);
    host.after(this.#foot.element);
    this.#foot.show(this.state);
    this.#queries = new Queries(terminal);
    this.#size = new GridSize(terminal, host, (grid) => this.#send({ type: "resize", ...grid }), (scaled) => this.#update({ scaled }));
    this.#size.start();
    this.#output = new OutputStream(terminal, {
      ack: (seq) => this.#send({ type: "ack", seq }),
      replaying: (on) => (this.#queries.replaying = on),
      parsed: () => this.#parsed(),
      ready: () => this.#screenDrawn(),
    });
    this.#input = new InputQueue({
      send: (frame) => this.#socket.send(frame),
      changed: () => this.#update({ held: this.#input.held }),
    });
    this.#listen();
    followKeyboard();
    document.addEventListener("visibilitychange", this.#tellSeen);
    this.#forgetTheme = onThemeChange(() => (terminal.options.theme = currentTheme()));
    this.#socket = new LiveSocket(options.path, {
      ping: (id) => ({ type: "ping", id }),
      opened: () => this.#hello(),
      text: (message) => this.#received(message as ServerMessage),
      bytes: (data) => this.#output.bytes(data),
      lost: (final) => this.#lost(final),
    });
  }

  showSearch(): void {
    this.#search.show();
  }

  focus(): void {
    this.terminal.focus();
  }

  /** It is the one that is seen now. */
  cameForward(): void {
    this.showFoot();
    this.terminal.refresh(0, this.terminal.rows - 1);
  }

  /** What stands under it has changed. */
  showFoot(): void {
    this.#foot.carryChat();
    this.#foot.show(this.state);
  }

  /** A new connection, which takes up where this one is. */
  reconnect(): void {
    this.#socket.reconnect();
  }

  retryNow(): void {
    this.#socket.retryNow();
  }

  dispose(): void {
    document.removeEventListener("visibilitychange", this.#tellSeen);
    this.#socket.close();
    this.#output.dispose();
    this.#size.dispose();
    this.#forgetTheme();
    this.#foot.element.remove();
    this.terminal.dispose();
  }

  #listen(): void {
    this.terminal.onData((data) => (this.#queries.isReport(data) ? this.#send({ type: "answer", data }) : this.#typed(encoder.encode(this.#touchKeys.modify(data)))));
    this.terminal.onBinary((data) => this.#typed(binary(data)));
    this.terminal.attachCustomKeyEventHandler((event) => !this.#ownKey(event));
  }

  /** Keys of the page rather than of the shell. */
  #ownKey(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return false;
    const search = event.ctrlKey && event.shiftKey && event.code === "KeyF";
    const chat = event.ctrlKey && event.shiftKey && event.key === "Enter";
    if (search) this.showSearch();
    if (chat) this.room.chat.show();
    const own = search || chat || this.room.key(event) || clipboardKey(this.terminal, event) || (this.options.keys?.(event) ?? false);
    if (!own && this.state.you?.role === "watch" && TYPED.test(event.key) && !event.ctrlKey && !event.metaKey) this.room.keyOfWatcher();
    if (own) event.preventDefault();
    return own || (event.shiftKey && event.key === "F6");
  }

  #typed(data: Uint8Array<ArrayBuffer>): void {
    this.typed = true;
    const waiting = this.#lostAt && performance.now() - this.#lostAt > HELD_FOR_MS;
    const taken = !waiting && this.state.connection !== "ended" && this.#input.push(data);
    if (!taken) this.#update({ refusedInput: true });
  }

  #send(message: ClientMessage): void {
    this.#socket.send(message);
  }

  #hello(): void {
    const { epoch, position } = this.#output;
    const resume = epoch === null ? {} : { epoch, seq: position };
    this.#send({ type: "hello", ...this.#size.natural, ...resume, answers: true });
    if (document.hidden) this.#tellSeen();
  }

  /** A page that nobody sees keeps no session awake. */
  readonly #tellSeen = (): void => this.#send({ type: "away", away: document.hidden });

  #received(message: ServerMessage): void {
    if (this.room.received(message)) return;
    switch (message.type) {
      case "welcome":
        this.#welcomed(message.you, { ...DEFAULT_LIMITS, ...message.limits });
        break;
      case "screen":
        this.#output.screen(message);
        break;
      case "size":
        // In order with the output: bytes before it were meant for the old grid.
        this.terminal.write("", () => this.#size.apply(message));
        this.#update({ owner: message.owner });
        break;
      case "answerer":
        this.#queries.answerer = message.you;
        break;
      case "input_ack":
        this.#input.acked(message.bytes);
        break;
      case "session":
        this.#update({ session: message.session });
        this.#sessionIs(message.attached, message.session?.status === "running");
        break;
      case "terminal_ended":
        this.#update({ exited: message.exit_code });
        break;
      case "refused":
        this.#notice(message.reason);
        break;
      case "recording":
        this.#update({ recording: { on: message.on, input: message.input, problem: message.problem } });
        break;
      case "ended":
        this.#update({ ended: message.reason });
        break;
      default: // an answer to a ping, and what a newer server tells
    }
  }

  #welcomed(you: Participant, limits: Limits): void {
    this.#output.ackEvery = limits.ack_every;
    this.#input.frameBytes = limits.input_frame;
    this.#input.windowBytes = limits.input_window;
    this.#update({ connection: "live", you });
    this.room.welcomed();
  }

  #sessionIs(attached: boolean, running: boolean): void {
    if (!running) this.#awaitingPrompt = true;
    if (!attached) this.#input.pause();
    this.#update(attached ? { attached, exited: null } : { attached });
    this.#letInputFlow();
    if (attached && !inTerminal(document.activeElement) && mayTakeFocus()) this.focus();
  }

  #screenDrawn(): void {
    const { active } = this.terminal.buffer;
    const written = active.length > this.terminal.rows || Array.from({ length: active.length }, (_, row) => row).some((row) => active.getLine(row)?.translateToString(true).trim());
    this.#update({ drawn: true, written });
    this.#letInputFlow();
  }

  #letInputFlow(): void {
    const { connection, attached, drawn } = this.state;
    if (connection !== "live" || !attached || !drawn) return;
    this.#lostAt = 0;
    this.#input.resume();
    this.#update({ refusedInput: false });
  }

  #parsed(): void {
    if (!this.#awaitingPrompt || !this.state.attached) return;
    const { active } = this.terminal.buffer;
    if (!active.getLine(active.baseY + active.cursorY)?.translateToString(true).trim()) return;
    this.#awaitingPrompt = false;
    this.#update({ written: true });
    performance.mark("vibenv:prompt", { detail: { card: this.card } });
  }

  #lost(final: number | null): void {
    const underWay = this.#input.disconnected();
    this.room.lost();
    this.#queries.answerer = false;
    this.#lostAt ||= performance.now();
    if (underWay) this.#notice("The connection broke while you typed: the last keys may not have arrived.");
    this.#update({ connection: final === null ? "lost" : "ended", attached: false, drawn: false, participants: [], typing: null, floor: FREE });
    if (final !== null) this.#input.discard();
    else setTimeout(() => this.#expireHeld(), HELD_FOR_MS);
  }

  /** Typing held for too long is given up, and said so. */
  #expireHeld(): void {
    if (!this.#lostAt || performance.now() - this.#lostAt < HELD_FOR_MS) return;
    if (this.#input.discard()) this.#update({ refusedInput: true });
  }

  #notice(text: string): void {
    const now = performance.now();
    if (text === this.#lastNotice.text && now - this.#lastNotice.at < SAME_NOTICE_MS) return;
    this.#lastNotice = { text, at: now };
    toast({ tone: "error", title: "Not typed.", detail: text });
  }

  #update(change: Partial<TerminalState>): void {
    const now = this.state;
    const same = (Object.keys(change) as (keyof TerminalState)[]).every((key) => now[key] === change[key]);
    if (same) return;
    this.state = { ...now, ...change };
    this.terminal.options.disableStdin = this.state.you?.role === "watch";
    this.#foot.show(this.state);
    this.changed(this.state);
  }
}
