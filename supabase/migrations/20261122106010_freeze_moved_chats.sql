-- Running code does not break. A group that becomes a supergroup gets a new id: nothing more is let out to the old one, and what waits for it waits until people have confirmed the new id.
--
-- Which chats there are says the configuration, so that is where the new id is confirmed: an operator of the machine sets the variable and starts the program again, and at its start the
-- program tells the database which chats it has now. A move is confirmed when the new id is among them and the old one no longer is; a press in a chat could confirm nothing, for the
-- program would go on with the old id. What was approved for the old id was approved for that target only: once the move is confirmed the gate refuses it, with the reason, and it is asked anew.
--
-- A move:  noticed (frozen) -> confirmed.
set role ags_owner;

create table public.chat_moves (
  chat_id bigint primary key,
  new_chat_id bigint not null,
  noticed_at timestamptz not null default clock_timestamp(),
  confirmed_at timestamptz,
  constraint chat_moves_elsewhere check (new_chat_id <> chat_id)
);

create function public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_move public.chat_moves;
begin
  if p_chat_id is null or p_new_chat_id is null or p_chat_id = p_new_chat_id then
    perform public._refuse('ZT007', 'a group that moved has an old id and another one that is new', jsonb_build_object('chat_id', p_chat_id, 'new_chat_id', p_new_chat_id));
  end if;
  insert into public.chat_moves (chat_id, new_chat_id) values (p_chat_id, p_new_chat_id) on conflict (chat_id) do nothing returning * into v_move;
  if v_move.chat_id is null then
    return jsonb_build_object('is_new', false);
  end if;
  perform public._audit('system', 'system', 'chat.freeze', 'chat:' || p_chat_id, null, jsonb_build_object('new_chat_id', p_new_chat_id));
  perform public._raise_standing('chat_moved', p_chat_id::text, 'critical', 'a configured group has a new id', jsonb_build_object('chat_id', p_chat_id, 'new_chat_id', p_new_chat_id));
  return jsonb_build_object('is_new', true);
end
$$;
comment on function public.freeze_chat(bigint, bigint) is 'Telegram says that a configured group has a new id: from here on nothing is granted to the old one, with one incident.';

create function public.confirm_chats(p_chat_ids jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_move public.chat_moves;
  v_chat_ids bigint[] := array(select c::bigint from jsonb_array_elements_text(p_chat_ids) c);
  v_deliver jsonb := '[]'::jsonb;
begin
  -- The process that notices and the one that was started anew may stand side by side for a while: the old id must be gone here, too.
  for v_move in update public.chat_moves set confirmed_at = clock_timestamp() where confirmed_at is null and new_chat_id = any (v_chat_ids) and chat_id <> all (v_chat_ids) returning * loop
    perform public._audit('system', 'system', 'chat.confirm', 'chat:' || v_move.chat_id, null, jsonb_build_object('new_chat_id', v_move.new_chat_id));
    -- What waited has its answer now: the gate refuses it with the reason.
    with freed as (
      update public.task_steps set not_before = null, wake_seq = wake_seq + 1, woken_at = clock_timestamp()
      where step_id in (select step_id from public.task_steps where status = 'ready' and waits_for = 'chat:' || v_move.chat_id order by step_id for update) returning step_id, wake_seq
    )
    select v_deliver || coalesce(jsonb_agg(public._job('step.run', step_id, wake_seq) -> 0), '[]'::jsonb) into v_deliver from freed;
  end loop;
  return jsonb_build_object('deliver', v_deliver);
end
$$;
comment on function public.confirm_chats(jsonb) is 'A process was started with these chats: a move whose new id is among them, and its old one is not, is confirmed. Answers with the nudges for what waited.';

create function public._is_frozen_chat(p_chat_id bigint) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select 1 from public.chat_moves where chat_id = p_chat_id and confirmed_at is null);
end
$$;
comment on function public._is_frozen_chat(bigint) is 'Whether a group has moved and nobody has confirmed where to.';

select public._protect_table('chat_moves');
select public._expose('freeze_chat', 'ags_bot', 'ags_worker'), public._expose('confirm_chats', 'ags_bot'), public._expose('_is_frozen_chat');
reset role;
