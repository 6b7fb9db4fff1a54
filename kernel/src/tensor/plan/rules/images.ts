// Pooling and resizing of images.
import * as tf from "../../tf";
import { each, like, type Rule } from "./rule";

const { computePool2DInfo, computePool3DInfo } = tf.backend_util;

const pool2d: Rule = ({ x }, { filterSize, strides, pad, dimRoundingMode }) => ({
  shape: computePool2DInfo(x.shape as never, filterSize, strides, 1, pad, dimRoundingMode).outShape,
  dtype: x.dtype,
});

const pool3d: Rule = ({ x }, { filterSize, strides, pad, dimRoundingMode, dataFormat }) => ({
  shape: computePool3DInfo(x.shape as never, filterSize, strides, 1, pad, dimRoundingMode, dataFormat).outShape,
  dtype: "float32",
});

export const images: Record<string, Rule> = {
  ...each([tf.AvgPool, tf.MaxPool], pool2d),
  ...each([tf.AvgPool3D, tf.MaxPool3D], pool3d),
  ...each([tf.AvgPoolGrad, tf.MaxPoolGrad, tf.AvgPool3DGrad, tf.MaxPool3DGrad], ({ input: { shape } }) => ({
    shape,
    dtype: "float32",
  })),
  [tf.MaxPoolWithArgmax]: ({ x }, { filterSize, strides, pad }) => {
    const { outShape: shape } = computePool2DInfo(x.shape as never, filterSize, strides, 1, pad);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int32" },
    ];
  },
  [tf.ResizeBilinear]: ({ images: { shape } }, { size }) => ({
    shape: [shape[0], ...size, shape[3]],
    dtype: "float32",
  }),
  [tf.ResizeNearestNeighbor]: ({ images: { shape, dtype } }, { size }) => ({
    shape: [shape[0], ...size, shape[3]],
    dtype,
  }),
  ...each([tf.ResizeBilinearGrad, tf.ResizeNearestNeighborGrad], ({ images: { shape } }) => ({
    shape,
    dtype: "float32",
  })),
  [tf.CropAndResize]: ({ image, boxes }, { cropSize }) => ({
    shape: [boxes.shape[0], ...cropSize, image.shape[3]],
    dtype: "float32",
  }),
  [tf.RotateWithOffset]: like("image"),
  [tf.Transform]: ({ image: { shape, dtype } }, { outputShape }) => ({
    shape: [shape[0], ...(outputShape ?? shape.slice(1, 3)), shape[3]],
    dtype,
  }),
};
