// LibriSpeech's layout (https://www.openslr.org/12): SPLIT/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NUMBER.flac

/** What the place of a recording in LibriSpeech says. */
export interface LibriSpeechPlace {
  /** Such as `train-clean-100`. */
  split: string;
  speaker: string;
  chapter: string;
}

/** Takes a path apart, folders and all; undefined where it is not as LibriSpeech names its files. */
export function parseLibriSpeechPath(path: string): LibriSpeechPlace | undefined {
  const match = /([^\\/]+)[\\/](\d+)[\\/](\d+)[\\/]\2-\3-\d+\.\w+$/.exec(path);
  return match ? { split: match[1], speaker: match[2], chapter: match[3] } : undefined;
}
