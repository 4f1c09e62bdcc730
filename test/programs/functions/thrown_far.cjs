class RequiredError extends Error {}

module.exports = { RequiredError };
