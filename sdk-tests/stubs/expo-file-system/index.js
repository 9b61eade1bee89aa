exports.readAsStringAsync = async () => '';
exports.EncodingType = { Base64: 'base64' };
