// Jupyter's messages, as the protocol's page on messaging describes them (version 5.5).

export type Header = {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
  /** The subshell that a message is for; none is the main shell. */
  subshell_id?: string | null;
};

export type Content = Record<string, unknown>;

/** A message, and on ROUTER sockets the identities of the peer that it came from or goes to. */
export interface Message {
  identities: Uint8Array[];
  header: Header;
  parent: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Content;
  buffers: Uint8Array[];
}

export const protocolVersion = "5.5";
