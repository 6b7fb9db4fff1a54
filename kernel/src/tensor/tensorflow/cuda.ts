// What TensorFlow wants to be told in the process's environment before it uses an NVIDIA GPU.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { setenvOf } from "./environment";
import type { Library } from "./quiet";

/**
 * Sets the variables that TensorFlow reads for NVIDIA GPUs, where CUDA lies beside it and the user has not set them:
 * the memory is taken as it is needed, not the whole card at once; XLA finds ptxas and libdevice. The driver's own
 * variable for choosing a card, or a part of one (MIG), is CUDA_VISIBLE_DEVICES.
 *
 * @param library Full path of one of libtensorflow's libraries.
 */
export function tellOfCuda(libc: Library, library: string): void {
  const compiler = join(dirname(dirname(library)), "nvidia", "cuda_nvcc");
  if (!existsSync(compiler)) return; // TensorFlow for the CPU alone
  const setenv = setenvOf(libc);
  setenv("TF_FORCE_GPU_ALLOW_GROWTH", "true", 0);
  const flags = process.env.XLA_FLAGS ?? "";
  // XLA looks there by itself, too; the flag cannot hold a space.
  if (!flags.includes("xla_gpu_cuda_data_dir") && !/\s/.test(compiler))
    setenv("XLA_FLAGS", `${flags} --xla_gpu_cuda_data_dir=${compiler}`.trim(), 1);
}
