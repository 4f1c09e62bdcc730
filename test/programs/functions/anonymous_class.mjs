const factor = 7;

export default class {
  static times(x) {
    return x * factor;
  }
  plus(x) {
    return x + factor;
  }
}
