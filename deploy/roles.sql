-- The api's own role, which owns its database and nothing else; run by the administrator, again and again if need be.
\getenv password DATABASE_PASSWORD
SET log_min_error_statement = panic; -- a password never enters the log
SELECT 'CREATE ROLE praxis LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'praxis') \gexec
ALTER ROLE praxis PASSWORD :'password';
SELECT 'CREATE DATABASE praxis OWNER praxis' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'praxis') \gexec
REVOKE ALL ON DATABASE praxis FROM PUBLIC;
