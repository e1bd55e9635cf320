// A vector times a matrix, added to a sum, for the convolutions after the first.
// Inputs that are zero, after a ReLU about half of them, cost nothing, and four rows are added in one pass over the sum.

/** More inputs than any layer has. */
const nonZero = new Uint16Array(256);

/** `sum[o] += Σ input[i] · matrix[i · sum.length + o]`. */
export function accumulate(sum: Float64Array, input: Float64Array, matrix: Float32Array): void {
  const width = sum.length;
  const count = findNonZero(input);
  let next = 0;
  for (; next + 4 <= count; next += 4) {
    const i0 = nonZero[next] ?? 0;
    const i1 = nonZero[next + 1] ?? 0;
    const i2 = nonZero[next + 2] ?? 0;
    const i3 = nonZero[next + 3] ?? 0;
    const x0 = input[i0] ?? 0;
    const x1 = input[i1] ?? 0;
    const x2 = input[i2] ?? 0;
    const x3 = input[i3] ?? 0;
    const row0 = i0 * width;
    const row1 = i1 * width;
    const row2 = i2 * width;
    const row3 = i3 * width;
    for (let o = 0; o < width; o += 1) {
      sum[o] =
        (sum[o] ?? 0) +
        x0 * (matrix[row0 + o] ?? 0) +
        x1 * (matrix[row1 + o] ?? 0) +
        x2 * (matrix[row2 + o] ?? 0) +
        x3 * (matrix[row3 + o] ?? 0);
    }
  }
  for (; next < count; next += 1) {
    const i = nonZero[next] ?? 0;
    const x = input[i] ?? 0;
    const row = i * width;
    for (let o = 0; o < width; o += 1) sum[o] = (sum[o] ?? 0) + x * (matrix[row + o] ?? 0);
  }
}

function findNonZero(input: Float64Array): number {
  let count = 0;
  for (let i = 0; i < input.length; i += 1) {
    if (input[i] !== 0) {
      nonZero[count] = i;
      count += 1;
    }
  }
  return count;
}
