// A sweep over hyper-parameters: trains one small model for each pair of learning rate and regularization, shows each result
// when it is there, and names the best. A combination that diverges throws, and costs only its own future.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/sweep.mjs [samples] [epochs]
//   npx mpi-futures -n 5 examples/sweep.mjs [samples] [epochs]

import { PoolExecutor, asCompleted, isMain } from 'mpi-futures';
import { countAt } from './arguments.mjs';

const features = 8;

/** Points on both sides of a plane, some of them on the wrong one. The same seed gives the same points. */
function sample(count, seed) {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const xs = Array.from({ length: count }, () =>
    Array.from({ length: features }, () => 2 * random() - 1),
  );
  const ys = xs.map((x) => {
    const side = x.reduce((sum, value, i) => sum + value * (i % 2 ? -1 : 1), 0);
    return side + 0.3 * (random() - 0.5) > 0 ? 1 : 0;
  });
  return { xs, ys };
}

/** The probability of the class 1, by logistic regression. */
function predict(weights, x) {
  let sum = weights[features];
  for (let i = 0; i < features; i++) sum += weights[i] * x[i];
  return 1 / (1 + Math.exp(-sum));
}

/** Stochastic gradient descent; gives the share of right answers on points that it has not seen. */
function train({ rate, decay, count, epochs }) {
  const { xs, ys } = sample(count, 1);
  const weights = new Float64Array(features + 1);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [n, x] of xs.entries()) {
      const error = predict(weights, x) - ys[n];
      for (let i = 0; i < features; i++) weights[i] -= rate * (error * x[i] + decay * weights[i]);
      weights[features] -= rate * error;
    }
    if (!weights.every((weight) => Math.abs(weight) < 1e6)) throw new Error('diverged');
  }
  const unseen = sample(1000, 2);
  const right = unseen.xs.filter((x, n) => predict(weights, x) > 0.5 === (unseen.ys[n] === 1));
  return right.length / unseen.xs.length;
}

if (isMain) {
  const count = countAt(2, 'samples', 20_000);
  const epochs = countAt(3, 'epochs', 20);
  const pool = new PoolExecutor();

  const combinations = new Map();
  for (const rate of [0.001, 0.01, 0.1, 1])
    for (const decay of [0, 0.001, 0.1, 10])
      combinations.set(pool.submit(train, { rate, decay, count, epochs }), { rate, decay });

  let best = { accuracy: 0 };
  let diverged = 0;
  for await (const future of asCompleted(combinations.keys())) {
    const { rate, decay } = combinations.get(future);
    const error = await future.exception();
    if (error !== null) {
      diverged++;
      console.log(`rate ${rate}, decay ${decay}: ${error.message}`);
      continue;
    }
    const accuracy = await future;
    console.log(`rate ${rate}, decay ${decay}: ${(accuracy * 100).toFixed(1)} %`);
    if (accuracy > best.accuracy) best = { accuracy, rate, decay };
  }
  await pool.shutdown();

  const { accuracy, rate, decay } = best;
  const percent = (accuracy * 100).toFixed(1);
  console.log(
    `best of ${combinations.size}, ${diverged} diverged: rate ${rate}, decay ${decay}, ${percent} %`,
  );
}
