const factor = 7;

export default (x) => x * factor;
