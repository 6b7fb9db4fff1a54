// Lines in the WGSL of tfjs-backend-webgpu that give wrong values, or do not compile, and what should stand there.
import type * as tf from "../tf";
import type { Program } from "./backend";
import { wave } from "./elementary";

type Rewrite = (code: string) => string;

/** Programs of any kind: `relu6` must not lose NaN. */
const everywhere: Rewrite = (code) =>
  code
    .replaceAll("return clamp(a, 0.0, 6.0);", "return select(clamp(a, 0.0, 6.0), a, isnan(a));")
    .replace(/return (clamp\(a, vec4<f32>\(0.0.*6.0\)\));/g, "return select($1, a, isnanVec4(a));");

/** By the beginning of a program's key. */
const rewrites: Record<string, Rewrite> = {
  // The box's number was compared with that of boxes, not of images.
  cropAndResize: (code) => code.replace("bInd >= uniforms.outShape[0]", "bInd >= uniforms.imageShape[0]"),
  // One transform may serve a whole batch.
  transform: (code) =>
    code.replaceAll("getTransforms(batch,", "getTransforms(select(batch, 0, uniforms.transformsShape[0] == 1),"),
  // WGSL's own sine and cosine are too far off, the more the larger the angle: it stays within one turn here.
  fft: (code) =>
    `fn sineOf(x : f32) -> f32 {${wave(0)}\n}\nfn cosineOf(x : f32) -> f32 {${wave(1)}\n}\n${code
      .replace("var result = 0.0;", "var result = 0.0; var turn = 0;")
      .replace(
        "let x = exponentMultiplierTimesIndexRatio * f32(i);",
        `let x = uniforms.exponentMultiplier * f32(turn) / f32(uniforms.realShape[1]);
        turn = (turn + index) % uniforms.realShape[1];`,
      )
      .replace("cos(x)", "cosineOf(x)")
      .replace("sin(x)", "sineOf(x)")}`,
};

/** Whole numbers are moved as such. */
const ofWholeNumbers: Rewrite = (code) =>
  code
    .replaceAll("setOutputAtIndex(", "setOutputAtIndexI32(")
    .replace("array<array<f32,", "array<array<i32,")
    .replace("= f32(A[", "= i32(A[");

/** A program whose code is put right where it has to be. */
export function rewritten(program: Program, type: tf.DataType): Program {
  const code = program.getUserCode.bind(program);
  const name = Object.keys(rewrites).find((key) => program.shaderKey.startsWith(key));
  const moves = program.shaderKey.startsWith("transpose") && type !== "float32";
  const special = moves ? ofWholeNumbers : name ? rewrites[name] : undefined;
  program.getUserCode = () => everywhere(special ? special(code()) : code());
  return program;
}
