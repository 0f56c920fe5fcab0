"""The processes of docker-compose.yml on one machine, without a container engine."""
