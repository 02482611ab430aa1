create table public.entries (number integer primary key);
