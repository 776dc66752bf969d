/** What a bundler's own types say, such as `vite/client`: styles can be imported. */
declare module "*.css" {}
