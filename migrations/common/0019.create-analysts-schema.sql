-- depends: 0011.create-maintenance

-- Views that analysts keep: their own, which a migration creates again when those of KooDTX that they use have changed.
create schema if not exists analysts;
