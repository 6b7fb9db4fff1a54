/** Why a backend cannot be used on this machine. */
export class Unusable extends Error {
  /** The command that would change that, where one does. */
  readonly command?: string;
  /** Whether what it needs is there, but does not work. */
  readonly broken: boolean;

  constructor(
    message: string,
    { command, broken = false, cause }: { command?: string; broken?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.command = command;
    this.broken = broken;
  }
}

/** Whatever was thrown, in one line. */
export function asUnusable(error: unknown, command?: string): Unusable {
  if (error instanceof Unusable) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Unusable(message.split("\n")[0], { command, cause: error });
}
