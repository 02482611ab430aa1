-- Running code does not break. What somebody tried and never got as far as a gate: a command without the role for it, from nobody in
-- particular, or a button that nobody made. Those that reach a gate are recorded there.
set role ags_owner;

create function public.record_attempt(p_external_id bigint, p_what text, p_code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  if p_external_id is null or coalesce(p_code, '') !~ '^[a-z_]{1,40}$' then
    perform public._refuse('ZT007', 'an attempt has somebody and a code', jsonb_build_object('code', left(p_code, 40)));
  end if;
  perform public._audit('system', 'tg:' || p_external_id, 'gate.refuse', coalesce(nullif(left(btrim(p_what), 40), ''), 'nothing'), null, jsonb_build_object('code', p_code));
  return jsonb_build_object('is_recorded', true);
end
$$;
comment on function public.record_attempt(bigint, text, text) is 'An attempt that never got as far as a gate: by whom (a chat, where nobody in particular speaks), at what, and why not.';

select public._expose('record_attempt', 'ags_bot');
reset role;
