export default { minify: process.env.NODE_ENV === "production" };
