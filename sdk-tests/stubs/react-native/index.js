// Which system the SDK believes to run on is chosen by the test.
exports.Platform = { get OS() { return process.env.RN_OS || 'ios'; } };
