const factor = 7;

export default function (x) {
  return x - factor;
}
