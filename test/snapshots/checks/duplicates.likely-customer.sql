-- {public_mail} = ["gmail.com","googlemail.com","outlook.com","outlook.de","outlook.fr","outlook.es","outlook.it","hotmail.com","hotmail.de","hotmail.fr","hotmail.it","hotmail.es","hotmail.co.uk","live.com","live.de","live.fr","live.nl","live.co.uk","live.at","live.be","msn.com","passport.com","yahoo.com","yahoo.de","yahoo.fr","yahoo.it","yahoo.es","yahoo.co.uk","yahoo.co.jp","yahoo.co.in","yahoo.in","yahoo.ca","yahoo.com.au","yahoo.com.br","yahoo.com.mx","ymail.com","rocketmail.com","aol.com","aol.de","aim.com","icloud.com","me.com","mac.com","proton.me","protonmail.com","protonmail.ch","pm.me","tutanota.com","tutanota.de","tuta.io","tuta.com","mailbox.org","posteo.de","posteo.net","fastmail.com","fastmail.fm","hushmail.com","zoho.com","zohomail.com","mail.com","email.com","gmx.com","gmx.net","gmx.de","gmx.at","gmx.ch","web.de","freenet.de","t-online.de","arcor.de","1und1.de","online.de","kabelmail.de","bluewin.ch","sunrise.ch","hispeed.ch","swissonline.ch","aon.at","chello.at","a1.net","orange.fr","wanadoo.fr","free.fr","laposte.net","sfr.fr","neuf.fr","bbox.fr","libero.it","virgilio.it","tiscali.it","alice.it","tin.it","email.it","telefonica.net","terra.es","ono.com","sapo.pt","ziggo.nl","kpnmail.nl","xs4all.nl","hetnet.nl","planet.nl","home.nl","telenet.be","skynet.be","proximus.be","btinternet.com","btopenworld.com","sky.com","virginmedia.com","talktalk.net","ntlworld.com","blueyonder.co.uk","eircom.net","comcast.net","verizon.net","att.net","sbcglobal.net","bellsouth.net","cox.net","charter.net","earthlink.net","juno.com","optonline.net","roadrunner.com","rogers.com","shaw.ca","sympatico.ca","telus.net","bigpond.com","optusnet.com.au","xtra.co.nz","mail.ru","bk.ru","inbox.ru","list.ru","yandex.ru","yandex.com","ya.ru","rambler.ru","ukr.net","i.ua","seznam.cz","email.cz","centrum.cz","post.cz","azet.sk","wp.pl","onet.pl","o2.pl","interia.pl","gazeta.pl","op.pl","freemail.hu","citromail.hu","abv.bg","mail.bg","telia.com","spray.se","bredband.net","online.no","suomi24.fi","luukku.com","mail.dk","jubii.dk","qq.com","163.com","126.com","yeah.net","sina.com","sina.cn","sohu.com","foxmail.com","aliyun.com","naver.com","daum.net","hanmail.net","nate.com","docomo.ne.jp","ezweb.ne.jp","softbank.ne.jp","rediffmail.com","uol.com.br","bol.com.br","terra.com.br","ig.com.br","walla.co.il","walla.com","mailinator.com","guerrillamail.com","10minutemail.com"]
with
  parties as (
    select eid, any(entity_id) as entity_id, groupUniqArray((toString(platform), record_id)) as records,
      groupUniqArrayIf(assumeNotNull(nullIf(toString(`tax_id_key`), '')), nullIf(toString(`tax_id_key`), '') is not null) as tax,
      groupUniqArrayIf(assumeNotNull(nullIf(toString(`registration_number_key`), '')), nullIf(toString(`registration_number_key`), '') is not null) as registration,
      groupUniqArrayIf(parent_eid, parent_eid != 0) as parents
    from `plumbline`.`current_customer` final
    where deleted = 0 and ifNull(role, '') not in ('bill_to', 'ship_to') and ifNull(state, '') not in ('lead', 'closed')
    group by eid
  ),
  shared as (
    select fact.1 as reason, fact.2 as said, groupUniqArray(eid) as eids
    from `plumbline`.`current_customer` final
    array join arrayFilter(f -> f.2 != '', [('registration', ifNull(concat(nullIf(toString(`registration_number_key`), ''), '|', nullIf(toString(`bill_to_country`), '')), '')),
      ('legal', ifNull(concat(nullIf(toString(`legal_name_key`), ''), '|', nullIf(toString(`bill_to_country`), '')), '')),
      ('place', ifNull(concat(nullIf(toString(`name_key`), ''), '|', nullIf(toString(`bill_to_postal_code_key`), '')), '')),
      ('domain', ifNull(concat(if(coalesce(nullIf(toString(`domain_key`), ''), nullIf(substring(ifNull(nullIf(toString(`email_key`), ''), ''), position(ifNull(nullIf(toString(`email_key`), ''), ''), '@') + 1), '')) in {public_mail:Array(String)}, null, coalesce(nullIf(toString(`domain_key`), ''), nullIf(substring(ifNull(nullIf(toString(`email_key`), ''), ''), position(ifNull(nullIf(toString(`email_key`), ''), ''), '@') + 1), ''))), '|', nullIf(toString(`bill_to_postal_code_key`), '')), '')),
      ('phone', ifNull(nullIf(toString(`phone_key`), ''), ''))]) as fact
    where deleted = 0 and eid in (select eid from parties)
    group by reason, said
    having length(eids) between 2 and 6
  ),
  pairs as (
    select least(a, b) as one, greatest(a, b) as other, groupUniqArray(reason) as reasons
    from (select reason, arrayJoin(eids) as a, eids from shared)
    array join eids as b
    where a < b
    group by one, other
  )
select pairs.one as eid, any(x.entity_id) as entity_id, any(x.entity_id) as customer_entity_id, any(y.entity_id) as other_entity_id, arraySort(any(pairs.reasons)) as reasons,
  cast(tuple(arraySort(any(x.records)), arraySort(any(x.tax)), arraySort(any(x.registration))), 'Tuple(records Array(Tuple(String, String)), tax Array(String), registration Array(String))') as one,
  cast(tuple(arraySort(any(y.records)), arraySort(any(y.tax)), arraySort(any(y.registration))), 'Tuple(records Array(Tuple(String, String)), tax Array(String), registration Array(String))') as other,
  max(has(x.parents, y.eid) or has(y.parents, x.eid) or hasAny(x.parents, y.parents)) as related
from pairs
inner join parties as x on x.eid = pairs.one
inner join parties as y on y.eid = pairs.other
group by pairs.one, pairs.other
order by entity_id, other_entity_id;
