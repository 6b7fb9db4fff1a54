// TensorFlow talks on stderr while it is loaded and started; where nobody asked for that, it stays quiet.

/** The functions of C that are needed, declared by prototype. */
export interface Library {
  func(prototype: string): unknown;
}

const stderr = 2;
const O_WRONLY = 1;
const silent = "3"; // TF_CPP_MIN_LOG_LEVEL: only what is fatal

/**
 * Opens TensorFlow's framework library by `open` and has it log no less than `TF_CPP_MIN_LOG_LEVEL` says (default 3).
 * TensorFlow reads that variable too late for its first message, and since 2.20 part of its messages go through
 * Abseil, which does not read it at all.
 */
export function openQuietly(libc: Library, open: () => Library): Library {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= silent;
  const level = process.env.TF_CPP_MIN_LOG_LEVEL;
  const framework = level === silent ? withoutStderr(libc, open) : open();
  const name = "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE"; // as TensorFlow 2.21 exports it
  try {
    (framework.func(`void ${name}(int)`) as (level: number) => void)(Number(level));
  } catch {
    // Another version of TensorFlow: it may say a line more.
  }
  return framework;
}

function withoutStderr<R>(libc: Library, body: () => R): R {
  const open = libc.func("int open(const char*, int)") as (path: string, flags: number) => number;
  const dup = libc.func("int dup(int)") as (file: number) => number;
  const dup2 = libc.func("int dup2(int, int)") as (from: number, to: number) => number;
  const close = libc.func("int close(int)") as (file: number) => number;
  const kept = dup(stderr);
  const nowhere = open("/dev/null", O_WRONLY);
  if (kept < 0 || nowhere < 0) return body();
  dup2(nowhere, stderr);
  try {
    return body();
  } finally {
    dup2(kept, stderr);
    close(kept);
    close(nowhere);
  }
}
